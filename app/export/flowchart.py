"""Draw the steps of an outcome: as a Mermaid flowchart, and as BPMN 2.0 with diagram interchange.

The steps of a process are drawn from left to right between a begin and an end, and each process in a row of its own.
Nothing branches: the steps are the order in which the interviewee named them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from xml.etree import ElementTree as ET

from app.interviewer.guide_model import Guide
from app.outcome.document import Outcome, Step

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_NAMESPACE = "urn:interview-system:outcome"

_INVALID_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARGIN, _ROW_HEIGHT, _GAP, _EVENT_SIZE = 60, 160, 50, 36
_TASK_WIDTH, _TASK_HEIGHT = 140, 80
"""Pixels."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One shape: an event or a task, with the left edge and the vertical middle of its shape."""

    id: str
    kind: str
    name: str
    x: int
    middle: int

    @property
    def width(self) -> int:
        return _TASK_WIDTH if self.kind == "task" else _EVENT_SIZE

    @property
    def height(self) -> int:
        return _TASK_HEIGHT if self.kind == "task" else _EVENT_SIZE


def render_mermaid(outcome: Outcome, guide: Guide) -> str:
    """Return a Mermaid flowchart from left to right. Characters with a meaning in Mermaid are entities."""
    lines = ["flowchart LR"]
    for row in _rows(outcome, guide):
        for node in row:
            opening, closing = ('["', '"]') if node.kind == "task" else ('(["', '"])')
            lines.append(f"    {node.id}{opening}{_escape_mermaid(node.name)}{closing}")
        lines += [f"    {source.id} --> {target.id}" for source, target in pairwise(row)]
    return "\n".join(lines) + "\n"


def render_bpmn(outcome: Outcome, guide: Guide) -> str:
    """Return a BPMN 2.0 document with a diagram. Without steps, it has only a begin and an end."""
    for prefix, uri in (("bpmn", _BPMN), ("bpmndi", _BPMNDI), ("dc", _DC), ("di", _DI)):
        ET.register_namespace(prefix, uri)
    definitions = ET.Element(f"{{{_BPMN}}}definitions", {"id": "definitions", "targetNamespace": _NAMESPACE})
    process = ET.SubElement(definitions, f"{{{_BPMN}}}process", {"id": "process", "isExecutable": "false"})
    diagram = ET.SubElement(definitions, f"{{{_BPMNDI}}}BPMNDiagram", {"id": "diagram"})
    plane = ET.SubElement(diagram, f"{{{_BPMNDI}}}BPMNPlane", {"id": "plane", "bpmnElement": "process"})
    for row in _rows(outcome, guide):
        _add_row(row, process, plane)
    ET.indent(definitions)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(definitions, encoding="unicode") + "\n"


def _add_row(row: Sequence[_Node], process: ET.Element, plane: ET.Element) -> None:
    flows = [(f"flow_{source.id}", source, target) for source, target in pairwise(row)]
    for node in row:
        element = ET.SubElement(
            process, f"{{{_BPMN}}}{node.kind}", {"id": node.id, "name": _INVALID_XML.sub("", node.name)}
        )
        for tag, other in (("incoming", 2), ("outgoing", 1)):
            for flow in flows:
                if flow[other] is node:
                    ET.SubElement(element, f"{{{_BPMN}}}{tag}").text = flow[0]
        shape = ET.SubElement(plane, f"{{{_BPMNDI}}}BPMNShape", {"id": f"{node.id}_shape", "bpmnElement": node.id})
        _add_bounds(shape, node.x, node.middle - node.height // 2, node.width, node.height)
        if node.kind != "task":
            label = ET.SubElement(shape, f"{{{_BPMNDI}}}BPMNLabel")
            _add_bounds(label, node.x - _GAP // 2, node.middle + _EVENT_SIZE // 2 + 5, _EVENT_SIZE + _GAP, 40)
    for name, source, target in flows:
        ET.SubElement(process, f"{{{_BPMN}}}sequenceFlow", {"id": name, "sourceRef": source.id, "targetRef": target.id})
        edge = ET.SubElement(plane, f"{{{_BPMNDI}}}BPMNEdge", {"id": f"{name}_edge", "bpmnElement": name})
        for x in (source.x + source.width, target.x):
            ET.SubElement(edge, f"{{{_DI}}}waypoint", {"x": str(x), "y": str(source.middle)})


def _add_bounds(parent: ET.Element, x: int, y: int, width: int, height: int) -> None:
    bounds = {"x": x, "y": y, "width": width, "height": height}
    ET.SubElement(parent, f"{{{_DC}}}Bounds", {name: str(value) for name, value in bounds.items()})


def _rows(outcome: Outcome, guide: Guide) -> list[list[_Node]]:
    """Return the shapes of each process in order. The first one begins with the trigger and ends with the result."""
    lines = guide.outcome
    groups = [list(steps) for _, steps in groupby(outcome.steps, key=lambda step: step.process)]
    rows: list[list[_Node]] = []
    for index, steps in enumerate(groups or [list[Step]()], start=1):
        trigger, result = (outcome.trigger[:1], outcome.outputs[:1]) if index == 1 else ((), ())
        begin = trigger[0].text if trigger else (steps[0].process if steps else None) or lines.begin
        shapes = [
            ("startEvent", f"begin_{index}", begin),
            *(("task", f"step_{index}_{step.number}", step.text) for step in steps),
            ("endEvent", f"end_{index}", result[0].text if result else lines.end),
        ]
        x, middle = _MARGIN, _MARGIN + _ROW_HEIGHT * (index - 1) + _TASK_HEIGHT // 2
        row: list[_Node] = []
        for kind, name, text in shapes:
            node = _Node(name, kind, " ".join(text.split()), x, middle)
            row.append(node)
            x += node.width + _GAP
        rows.append(row)
    return rows


def _escape_mermaid(text: str) -> str:
    """Return the text with entity codes in place of the characters that end or style a label."""
    return re.sub(r"[#;\"<>&`\[\]{}()|\\*_~]", lambda match: f"#{ord(match.group())};", text)
