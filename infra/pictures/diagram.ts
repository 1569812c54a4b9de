import elk, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { DiagramGraph, DiagramNode } from './diagram-graph.js';
import { escapeText } from './tables.js';

const FONT = 12;
const LINE = 16;
const PADDING = 10;
/** Width of an average letter of the sans-serif face at 12 px; boxes are cut by it, so it errs to the wide side. */
const LETTER = 6.9;

const STYLE: Readonly<Record<DiagramNode['kind'], { fill: string; stroke: string; text: string }>> = {
  frame: { fill: '#f7f9fb', stroke: '#9aa9b8', text: '#33475b' },
  host: { fill: '#fff4e0', stroke: '#c77700', text: '#5c3700' },
  network: { fill: '#e9f2fb', stroke: '#3a7ab8', text: '#173a5c' },
  state: { fill: '#e8f5ec', stroke: '#2f8f4e', text: '#14492a' },
  control: { fill: '#f3ecfa', stroke: '#7a4bb0', text: '#3b2260' },
  outside: { fill: '#ffffff', stroke: '#5b6670', text: '#2b3238' },
};

/** The graph as a self-contained SVG, laid out in layers from left to right. */
export async function drawDiagram(graph: DiagramGraph): Promise<string> {
  const input: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.spacing.nodeNode': '26',
      'elk.spacing.edgeNode': '16',
      'elk.spacing.edgeEdge': '12',
      'elk.layered.spacing.nodeNodeBetweenLayers': '56',
      'elk.layered.spacing.edgeNodeBetweenLayers': '18',
      'elk.padding': '[top=44,left=16,bottom=16,right=16]',
    },
    children: graph.nodes.map(toElk),
    edges: graph.edges.map((edge, index) => ({
      id: `e${index}`,
      sources: [edge.from],
      targets: [edge.to],
      labels: [{ id: `l${index}`, text: edge.label, width: width(edge.label) * 0.92, height: LINE }],
    })),
  };
  const layout = await new elk.default().layout(input);
  const nodes = new Map<string, DiagramNode>();
  for (const node of graph.nodes) index(node, nodes);
  const boxes: string[] = [];
  const arrows: string[] = [];
  const origin = new Map<string, { x: number; y: number }>([['root', { x: 0, y: 0 }]]);
  const place = (node: ElkNode, x: number, y: number) => {
    origin.set(node.id, { x, y });
    const drawn = nodes.get(node.id);
    if (drawn) boxes.push(box(drawn, x, y, node.width ?? 0, node.height ?? 0));
    for (const child of node.children ?? []) place(child, x + (child.x ?? 0), y + (child.y ?? 0));
  };
  place(layout, 0, 0);
  const edges = (node: ElkNode): ElkExtendedEdge[] => [
    ...(node.edges ?? []),
    ...(node.children ?? []).flatMap(edges),
  ];
  for (const edge of edges(layout)) {
    const from = origin.get((edge as { container?: string }).container ?? 'root') ?? { x: 0, y: 0 };
    arrows.push(arrow(edge, from, graph.edges[Number(edge.id.slice(1))]?.dashed ?? false));
  }
  const [w, h] = [Math.ceil(layout.width ?? 0), Math.ceil(layout.height ?? 0)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="${FONT}" role="img">`,
    `<title>${escapeText(graph.title)}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#55606b"/></marker></defs>',
    `<rect width="${w}" height="${h}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="17" font-weight="600" fill="#20262c">${escapeText(graph.title)}</text>`,
    ...boxes,
    ...arrows,
    '</svg>',
    '',
  ].join('\n');
}

function toElk(node: DiagramNode): ElkNode {
  if (node.children && node.children.length > 0) {
    return {
      id: node.id,
      layoutOptions: {
        'elk.padding': '[top=34,left=14,bottom=14,right=14]',
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${width(node.title) + 40},60)`,
      },
      children: node.children.map(toElk),
    };
  }
  const lines = [node.title, ...(node.lines ?? [])];
  return {
    id: node.id,
    width: Math.max(90, ...lines.map(width)) + 2 * PADDING,
    height: lines.length * LINE + 2 * PADDING,
  };
}

function width(text: string): number {
  return Math.ceil(text.length * LETTER);
}

function index(node: DiagramNode, into: Map<string, DiagramNode>) {
  into.set(node.id, node);
  for (const child of node.children ?? []) index(child, into);
}

function box(node: DiagramNode, x: number, y: number, w: number, h: number): string {
  const { fill, stroke, text } = STYLE[node.kind];
  const frame = node.children !== undefined && node.children.length > 0;
  const lines = frame ? [] : (node.lines ?? []);
  return [
    `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" rx="6" fill="${fill}" stroke="${stroke}"${frame ? ' stroke-dasharray="5 3"' : ''}/>`,
    `<text x="${round(x + PADDING)}" y="${round(y + PADDING + FONT)}" font-weight="600" fill="${text}">${escapeText(node.title)}</text>`,
    ...lines.map(
      (line, at) =>
        `<text x="${round(x + PADDING)}" y="${round(y + PADDING + FONT + (at + 1) * LINE)}" fill="${text}">${escapeText(line)}</text>`,
    ),
  ].join('\n');
}

function arrow(edge: ElkExtendedEdge, from: { x: number; y: number }, dashed: boolean): string {
  const paths = (edge.sections ?? []).map((section) => {
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    const d = points
      .map((point, at) => `${at === 0 ? 'M' : 'L'}${round(point.x + from.x)} ${round(point.y + from.y)}`)
      .join(' ');
    return `<path d="${d}" fill="none" stroke="#55606b"${dashed ? ' stroke-dasharray="4 3"' : ''} marker-end="url(#tip)"/>`;
  });
  const labels = (edge.labels ?? []).map((label) => {
    const [x, y] = [(label.x ?? 0) + from.x, (label.y ?? 0) + from.y];
    return `<text x="${round(x)}" y="${round(y + FONT)}" fill="#3c4650" font-size="11" paint-order="stroke" stroke="#ffffff" stroke-width="3">${escapeText(label.text ?? '')}</text>`;
  });
  return [...paths, ...labels].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
