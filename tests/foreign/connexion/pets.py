"""The handlers of pets.yaml, as Connexion's own examples write them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import connexion
from connexion.exceptions import ProblemException

PETS: dict[int, dict[str, Any]] = {}


JSON = {"Content-Type": "application/json"}


def list_pets(limit: int = 100, kind: str | None = None) -> Any:
    return [pet for pet in PETS.values() if kind in (None, pet["kind"])][:limit], 200, JSON


def get_pet(pet_id: int) -> Any:
    return _find(pet_id), 200, JSON


def put_pet(pet_id: int, body: dict[str, Any]) -> Any:
    exists = pet_id in PETS
    PETS[pet_id] = {**PETS.get(pet_id, {"created": datetime.now(UTC).isoformat()}), **body, "id": pet_id}
    return PETS[pet_id], 200 if exists else 201, JSON


def delete_pet(pet_id: int) -> tuple[None, int]:
    del PETS[_find(pet_id)["id"]]
    return None, 204


def check_key(key: str) -> dict[str, str] | None:
    return {"sub": "keeper"} if key == "zoo" else None


def _find(pet_id: int) -> dict[str, Any]:
    if pet_id not in PETS:
        raise ProblemException(status=404, title="Not Found", detail=f"There is no pet {pet_id}.")
    return PETS[pet_id]


app = connexion.AsyncApp("pets", specification_dir=Path(__file__).parent)
app.add_api("pets.yaml")
