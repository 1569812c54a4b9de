/**
 * pictures: what a person looks at before deploying. A plan and the templates made from it enter; a diagram, an
 * inventory, a summary of who can do what and a rough cost table leave. Nothing here changes what is deployed.
 */
export { type AccessRow, accessSummary } from './access.js';
export { type CostLine, type CostTable, monthlyCosts, type Prices, readPrices } from './costs.js';
export { drawDiagram } from './diagram.js';
export { type DiagramEdge, type DiagramGraph, type DiagramNode, diagramGraph } from './diagram-graph.js';
export { type InventoryRow, inventory } from './inventory.js';
export { type PicturesSummary, writePictures } from './report.js';
export { readable, type SynthesizedStack, type Template, type TemplateResource } from './stacks.js';
