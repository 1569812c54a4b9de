/** What runs in the page: the tree it was given, as a flame graph one can click into and search. */
import flamegraph from 'd3-flame-graph';
import { select } from 'd3-selection';
import { ROOMS, roomOf } from './rooms.mjs';

const { tree, busyUs } = JSON.parse(document.querySelector('#profile').textContent);
const chart = document.querySelector('#chart');
const details = document.querySelector('#details');
const matches = document.querySelector('#matches');
const search = document.querySelector('#search');

const ms = (us) => `${(us / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} ms`;
const share = (us) => `${((us / busyUs) * 100).toFixed(1)} %`;
const describe = ({ name, value, self }) =>
  `${name}: ${share(value)} (${ms(value)}), in itself ${share(self)}`;

const graph = flamegraph()
  .width(chart.clientWidth)
  .cellHeight(19)
  .minFrameSize(1)
  .selfValue(false)
  .inverted(true)
  .sort(true)
  .tooltip(false)
  .title('')
  .label(({ data }) => describe(data))
  .setColorMapper(({ highlight, data }) => (highlight ? '#d946ef' : (colorOf(data.name) ?? original)));
graph.onHover(({ data }) => {
  details.textContent = describe(data);
});
select(chart).datum(tree).call(graph);

graph.setSearchMatch(({ data }, term) => data.name.toLowerCase().includes(term.toLowerCase()));
search.addEventListener('input', () => {
  if (search.value === '') graph.clear();
  else graph.search(search.value);
});
graph.setSearchHandler((_results, sum, total) => {
  matches.textContent = total > 0 && search.value !== '' ? share((sum / total) * busyUs) : '';
});
document.querySelector('#reset').addEventListener('click', () => {
  search.value = '';
  matches.textContent = '';
  graph.clear();
  graph.resetZoom();
});

/** A room of the engine has its color, so that stages can be told apart; the rest is gray. */
function colorOf(name) {
  const room = roomOf(name);
  if (room === undefined) return '#cbd5e1';
  const at = ROOMS.indexOf(room);
  return `hsl(${Math.round((at * 360) / ROOMS.length)} 70% ${at % 2 === 0 ? 68 : 78}%)`;
}
