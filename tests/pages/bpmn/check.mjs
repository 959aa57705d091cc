// Validates BPMN documents: one JSON string per line in, one JSON list of errors per line out.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { validateXML } from 'xmllint-wasm'

const schemas = join(dirname(createRequire(import.meta.url).resolve('bpmn-moddle/package.json')), 'resources/bpmn/xsd')
const read = (fileName) => ({ fileName, contents: readFileSync(join(schemas, fileName), 'utf8') })
const schema = [read('BPMN20.xsd')]
const preload = ['Semantic.xsd', 'BPMNDI.xsd', 'DC.xsd', 'DI.xsd'].map(read)

for await (const line of createInterface({ input: process.stdin })) {
  const { errors } = await validateXML({ xml: [{ fileName: 'outcome.bpmn', contents: JSON.parse(line) }], schema, preload })
  console.log(JSON.stringify(errors.map((error) => error.message)))
}
