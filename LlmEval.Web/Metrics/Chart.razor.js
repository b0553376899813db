// A chart that follows its model without being torn from under the reader: while the pointer is over it, while it is zoomed, and
// while nobody can see it, changes are kept and drawn afterwards. One drawing at once, then one in a while: it costs from 10 ms to 100,
// and the slower the browser, the longer it rests.
import ApexCharts from '../lib/apexcharts/apexcharts.esm.js';

const shortestPause = 900;
const longestPause = 5000;

// All charts in sight together: so much of the browser's time.
const share = 0.1;
const inSight = new Set();

// A drawing whose answer was lost with the connection is asked for again.
const drawings = new WeakMap();

// A first drawing takes a browser a fifth of a second: each begins after a frame, so that what came before it is seen, the page's
// figures and the chart above. A page that nobody looks at has no frames.
let lastTurn = Promise.resolve();
const ownTurn = () => lastTurn = lastTurn.then(() => new Promise(begin => document.hidden ? setTimeout(begin) : requestAnimationFrame(() => setTimeout(begin))));

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = new Intl.NumberFormat();
const rounded = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const price = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const dollars = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const short = v => v >= 1e9 ? rounded.format(v / 1e9) + 'B' : v >= 1e6 ? rounded.format(v / 1e6) + 'M' : v >= 1e4 ? rounded.format(v / 1e3) + 'K' : rounded.format(v);
const milliseconds = ms => ms < 999.5 ? `${Math.round(ms)} ms` : ms < 59950 ? `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s` : `${(ms / 60000).toFixed(1)} min`;
const money = usd => '$' + (usd !== 0 && Math.abs(usd) < 1 ? price : dollars).format(usd);
const perSecond = v => `${rounded.format(v)}/s`;
const percent = v => `${rounded.format(v)}%`;
const exact = { Count: v => number.format(v), Milliseconds: milliseconds, Dollars: money, Rate: perSecond, Percent: percent };
const onAxis = { Count: short, Milliseconds: ms => ms < 1000 ? `${Math.round(ms)} ms` : `${rounded.format(ms / 1000)} s`, Dollars: money, Rate: v => `${short(v)}/s`, Percent: percent };

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const exactClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const stepText = (start, seconds) => {
  const from = new Date(start);
  if (seconds < 60) return exactClock.format(from);
  const minutes = seconds / 60;
  if (minutes >= 1440) return minutes === 1440 ? day.format(from) : `${day.format(from)} – ${day.format(new Date(start + (minutes - 1) * 60000))}`;
  const time = minutes === 1 ? clock.format(from) : `${clock.format(from)} – ${clock.format(new Date(start + minutes * 60000))}`;
  return Date.now() - start > 20 * 3600000 ? `${day.format(from)}, ${time}` : time;
};

// Names come from callers: they are set as text, never as markup.
const tip = (model, at) => {
  const box = document.createElement('div');
  box.className = 'tip';
  const add = (tag, text, parent = box) => parent.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  add('strong', stepText(model.times[at], model.stepSeconds));
  for (const s of model.kind === 'Columns' ? [...model.series].reverse() : model.series) {
    const value = s.values[at];
    if (value === null || value === 0 && model.kind === 'Columns') continue;
    const line = add('p', '');
    add('i', '', line).style.background = css(s.color);
    add('bdi', s.name, line);
    add('b', exact[model.unit](value), line);
  }
  if (box.childElementCount === 1) add('p', 'Nothing');
  return box.outerHTML;
};

// Columns are stacked from below; of curves the first lies on top.
const drawn = model => model.kind === 'Columns' ? model.series : [...model.series].reverse();

// Series have numbers for names here: what a caller named a model has no business in the library.
const seriesOf = model => {
  const columns = model.kind === 'Columns';
  const lines = drawn(model).map((s, n) => ({
    name: `s${n}`, type: columns ? 'bar' : 'line', data: s.values.map((y, i) => ({ x: model.times[i], y })),
  }));
  if (!model.band) return lines;
  const [low, high] = [model.series[model.band.low].values, model.series[model.band.high].values];
  return [{ name: 'band', type: 'rangeArea', data: low.map((y, i) => ({ x: model.times[i], y: y === null || high[i] === null ? [null, null] : [y, high[i]] })) }, ...lines];
};

const looksOf = model => {
  const own = drawn(model).map(s => css(s.color));
  return {
    colors: model.band ? [css(model.series[model.band.low].color), ...own] : own,
    grid: { borderColor: css('--mud-palette-lines-default'), strokeDashArray: 4, padding: { left: 6, right: 10, top: -14, bottom: -4 } },
    chart: { foreColor: css('--mud-palette-text-secondary') },
  };
};

// A value with gaps on both sides has no line: where there are many of these, points are marked.
const isSparse = model => model.series.some(s => {
  const lonely = s.values.filter((v, i) => v !== null && (s.values[i - 1] ?? null) === null && (s.values[i + 1] ?? null) === null);
  return lonely.length > 0;
});

const optionsOf = (model, events, shown) => {
  const columns = model.kind === 'Columns';
  const looks = looksOf(model);
  const lines = model.series.length;
  return {
    ...looks,
    series: seriesOf(model),
    chart: {
      ...looks.chart, type: columns ? 'bar' : model.band ? 'rangeArea' : 'line', stacked: columns, height: 236, fontFamily: 'inherit', background: 'transparent',
      parentHeightOffset: 0, animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: true, type: 'x', allowMouseWheelZoom: false }, events,
    },
    stroke: columns ? { width: 0 } : { curve: 'straight', width: model.band ? [0, ...Array(lines).fill(2)] : 2 },
    fill: { type: 'solid', opacity: model.band ? [.14, ...Array(lines).fill(1)] : 1 },
    markers: { size: !columns && isSparse(model) ? (model.band ? [0, ...Array(lines).fill(3)] : 3) : 0, strokeWidth: 0, hover: { size: 4 } },
    plotOptions: { bar: { columnWidth: '72%', borderRadius: 2, borderRadiusApplication: 'end', borderRadiusWhenStacked: 'last' } },
    dataLabels: { enabled: false },
    legend: { show: false },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(shown(), dataPointIndex) },
    xaxis: {
      type: 'datetime', tooltip: { enabled: false }, axisBorder: { show: false }, axisTicks: { show: false }, crosshairs: { stroke: { dashArray: 3 } },
      labels: { datetimeUTC: false, style: { fontSize: '11px' }, datetimeFormatter: { year: 'yyyy', month: 'MMM', day: 'd MMM', hour: 'HH:mm', minute: 'HH:mm', second: 'HH:mm:ss' } },
    },
    yaxis: { min: 0, forceNiceScale: true, tickAmount: 4, labels: { style: { fontSize: '11px' }, formatter: v => v === null || v === undefined ? '' : onAxis[model.unit](v) } },
  };
};

export async function draw(element, model) {
  await ownTurn();
  drawings.get(element)?.dispose();
  const canvas = element.querySelector('[data-chart]');
  const zoomOut = element.querySelector('[data-zoom-out]');

  // What can be seen, and so what is told about it: the model goes on while the drawing is held.
  let seen = model;
  let hovered = false, zoomed = false, inView = true, waiting = false, drawn = 0, timer = 0, pause = shortestPause;

  const update = () => {
    const rest = drawn + pause - performance.now();
    waiting = true;
    if (hovered || zoomed || !inView || document.hidden || timer) return;
    if (rest > 0) { timer = setTimeout(() => { timer = 0; update(); }, rest); return; }
    waiting = false;
    drawn = performance.now();
    seen = model;
    chart.updateSeries(seriesOf(seen), false);
    const script = performance.now() - drawn;

    // The frame that shows it: what comes after its callbacks is style, layout and paint.
    requestAnimationFrame(frame => setTimeout(() => {
      const cost = script + Math.min(performance.now() - frame, 200);
      pause = Math.min(Math.max(shortestPause, cost * inSight.size / share), longestPause);
    }));
  };
  const settle = () => { if (waiting) update(); };

  const events = { zoomed: (_, { xaxis }) => { zoomed = xaxis?.min !== undefined; zoomOut.hidden = !zoomed; } };
  const shown = () => seen;
  const chart = new ApexCharts(canvas, optionsOf(model, events, shown));
  const drawing = { dispose() { chart.destroy(); } };
  drawings.set(element, drawing);
  await chart.render();

  const onEnter = () => { hovered = true; };
  const onLeave = () => { hovered = false; settle(); };
  const onZoomOut = () => { zoomed = false; hovered = false; drawn = 0; zoomOut.hidden = true; update(); };
  const onView = new IntersectionObserver(entries => { inView = entries.at(-1).isIntersecting; inSight[inView ? 'add' : 'delete'](canvas); settle(); }, { rootMargin: '100px' });
  const onTheme = new MutationObserver(() => chart.updateOptions(looksOf(seen), false, false));
  canvas.addEventListener('pointerenter', onEnter);
  canvas.addEventListener('pointerleave', onLeave);
  zoomOut.addEventListener('click', onZoomOut);
  document.addEventListener('visibilitychange', settle);
  onView.observe(canvas);
  onTheme.observe(document.documentElement, { attributeFilter: ['data-theme'] });

  return Object.assign(drawing, {
    show(wanted) {
      const sameLook = wanted.unit === model.unit && wanted.series.length === model.series.length && wanted.series.every((s, i) => s.color === model.series[i].color);
      const sameStep = wanted.stepSeconds === model.stepSeconds;
      model = wanted;
      if (sameLook && sameStep) { update(); return; }

      // Another range: what was held belongs to the old one.
      zoomed = waiting = false;
      zoomOut.hidden = true;
      seen = model;
      chart.updateOptions(optionsOf(seen, events, shown), false, false);
    },
    change(points, times) {
      // When time has moved on, what leaves at the beginning makes room at the end. A new model: the one before may still be in sight.
      const moved = (before, after) => [...before.slice(times.length), ...after];
      model = { ...model, times: moved(model.times, times), series: model.series.map(s => ({ ...s, values: moved(s.values, times.map(() => null)) })) };
      for (const p of points) model.series[p.series].values[p.at] = p.value;
      update();
    },
    dispose() {
      clearTimeout(timer);
      inSight.delete(canvas);
      onView.disconnect();
      onTheme.disconnect();
      document.removeEventListener('visibilitychange', settle);
      canvas.removeEventListener('pointerenter', onEnter);
      canvas.removeEventListener('pointerleave', onLeave);
      zoomOut.removeEventListener('click', onZoomOut);
      chart.destroy();
    },
  });
}
