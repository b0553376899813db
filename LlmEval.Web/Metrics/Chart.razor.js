// A chart that follows its model without being torn from under the reader: while the pointer is over it, while it is zoomed, and
// while nobody can see it, changes are kept and drawn afterwards. One drawing at once, then one in a while: it costs from 10 ms to 100,
// and the slower the browser, the longer it rests.
import ApexCharts from '../lib/apexcharts/apexcharts.esm.js';
import { bridges, lonely, timeMarks, topOf, valueScale, wordsFor } from '../js/chart-axes.js';

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
// The text of a step: a point in time, or from when to when.
const stepText = (words, start, seconds) => {
  if (seconds < 60) return words.seconds(start);
  const minutes = seconds / 60;
  if (minutes >= 1440) return minutes === 1440 ? words.day(start) : `${words.day(start)} – ${words.day(start + (minutes - 1) * 60000)}`;
  const time = minutes === 1 ? words.clock(start) : `${words.clock(start)} – ${words.clock(start + minutes * 60000)}`;
  return Date.now() - start > 20 * 3600000 ? `${words.day(start)}, ${time}` : time;
};

// Names come from callers: they are set as text, never as markup.
const tip = (model, at, words) => {
  const box = document.createElement('div');
  box.className = 'tip';
  const add = (tag, text, parent = box) => parent.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  add('strong', stepText(words, model.times[at], model.stepSeconds));
  for (const s of model.kind === 'Columns' ? [...model.series].reverse() : model.series) {
    const value = s.values[at];
    if (value === null || value === 0 && model.kind === 'Columns') continue;
    const line = add('p', '');
    add('i', '', line).style.background = css(s.color);
    add('bdi', s.name, line);
    add('b', words.exact[model.unit](value), line);
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
  if (columns) return lines;
  const over = drawn(model).map((s, n) => ({ name: `gap${n}`, type: 'line', data: bridges(s.values).map((y, i) => ({ x: model.times[i], y })) }));
  if (!model.band) return [...over, ...lines];
  const [low, high] = [model.series[model.band.low].values, model.series[model.band.high].values];
  return [{ name: 'band', type: 'rangeArea', data: low.map((y, i) => ({ x: model.times[i], y: y === null || high[i] === null ? [null, null] : [y, high[i]] })) }, ...over, ...lines];
};

const colorsOf = model => {
  const own = drawn(model).map(s => css(s.color));
  return [...model.band ? [css(model.series[model.band.low].color)] : [], ...model.kind === 'Columns' ? [] : own, ...own];
};

const looksOf = model => ({
  colors: colorsOf(model),
  grid: { borderColor: css('--mud-palette-lines-default'), strokeDashArray: 4, padding: { left: 6, right: 10, top: -14, bottom: -4 } },
  chart: { foreColor: css('--mud-palette-text-secondary') },
});

// What changes with the data, and with the stretch of time that is looked at.
const frameOf = (model, range, words) => {
  const columns = model.kind === 'Columns';
  const { min, max } = range;
  const scale = valueScale(model.unit, topOf(model, min, max));
  const text = words.onAxis(model.unit, scale);
  const marked = (s, n) => columns ? [] : lonely(s.values).map(at => ({ seriesIndex: n + model.series.length + (model.band ? 1 : 0), dataPointIndex: at, size: 3, fillColor: css(s.color), strokeColor: css(s.color), shape: 'circle' }));
  return {
    // Few columns do not get as wide as a page.
    plotOptions: { bar: { columnWidth: `${Math.min(72, 9 * model.times.length)}%`, borderRadius: 2, borderRadiusApplication: 'end', borderRadiusWhenStacked: 'last' } },
    // Beside a band the library gives what is pointed at the colour of the series before.
    markers: { size: 0, strokeWidth: 0, hover: { size: 4 }, colors: model.band ? colorsOf(model).slice(1) : undefined, discrete: drawn(model).flatMap(marked) },
    yaxis: { min: 0, max: scale.max, tickAmount: scale.ticks, labels: { style: { fontSize: '11px' }, formatter: v => v === null || v === undefined ? '' : text(v) } },
  };
};

const wholeOf = model => ({ min: model.times[0], max: model.times.at(-1) });

const optionsOf = (model, events, shown, words) => {
  const columns = model.kind === 'Columns';
  const looks = looksOf(model);
  // Of a band, of what is bridged, of the lines.
  const each = (band, bridge, line) => [...model.band ? [band] : [], ...model.series.map(() => bridge), ...model.series.map(() => line)];
  return {
    ...looks,
    ...frameOf(model, wholeOf(model), words),
    series: seriesOf(model),
    chart: {
      ...looks.chart, type: columns ? 'bar' : model.band ? 'rangeArea' : 'line', stacked: columns, height: 218, fontFamily: 'inherit', background: 'transparent',
      parentHeightOffset: 0, animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: true, type: 'x', allowMouseWheelZoom: false }, events,
    },
    stroke: columns ? { width: 0 } : { curve: 'straight', width: each(0, 1, 2), dashArray: each(0, 4, 0) },
    fill: { type: 'solid', opacity: columns ? 1 : each(.14, 1, 1) },
    dataLabels: { enabled: false },
    legend: { show: false },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(shown(), dataPointIndex, words) },

    // The library's marks stand where its sums put them; those of this page are drawn below it.
    xaxis: {
      type: 'datetime', tooltip: { enabled: false }, axisBorder: { show: false }, axisTicks: { show: false },
      crosshairs: columns ? {} : { width: 1, stroke: { dashArray: 3 } }, labels: { show: false },
    },
  };
};

// A mark needs so much room.
const markWidth = 56;

// Of several series the library shades a whole part of the chart, however wide: here it shades the column.
const narrowShade = (chart, canvas) => {
  const width = canvas.querySelector('.apexcharts-bar-area')?.getAttribute('barWidth');
  const { tooltip } = chart.w.globals;
  if (!width || !tooltip) return;
  tooltip.xcrosshairsWidth = Number(width);
  canvas.querySelector('.apexcharts-xcrosshairs')?.setAttribute('width', width);
};

// A mark that would end beyond the chart is moved in.
const placeMarks = (row, chart, model, words) => {
  const { minX, maxX, gridWidth, translateX } = chart.w.globals;
  const marks = timeMarks(model.times, model.stepSeconds, minX, maxX, Math.max(2, Math.floor(gridWidth / markWidth)), words);
  const placed = marks.map(({ at, text }) => ({
    mark: Object.assign(document.createElement('span'), { textContent: text }),
    left: translateX + (maxX > minX ? (at - minX) / (maxX - minX) : .5) * gridWidth,
  }));
  row.replaceChildren(...placed.map(({ mark }) => mark));
  const end = row.clientWidth;
  const halves = placed.map(({ mark }) => mark.offsetWidth / 2);
  placed.forEach(({ mark, left }, i) => { mark.style.left = `${Math.max(halves[i], Math.min(left, end - halves[i]))}px`; });
};

// Models and patches come as text: the server writes a model once for all who see it.
export async function draw(element, text, culture) {
  await ownTurn();
  drawings.get(element)?.dispose();
  const canvas = element.querySelector('[data-chart]');
  const zoomOut = element.querySelector('[data-zoom-out]');
  const marks = element.querySelector('[data-marks]');
  const words = wordsFor(culture);

  // What can be seen, and so what is told about it: the model goes on while the drawing is held.
  let model = JSON.parse(text);
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
    renew({ series: seriesOf(seen), xaxis: wholeOf(seen), ...frameOf(seen, wholeOf(seen), words) });
    const script = performance.now() - drawn;

    // The frame that shows it: what comes after its callbacks is style, layout and paint.
    requestAnimationFrame(frame => setTimeout(() => {
      const cost = script + Math.min(performance.now() - frame, 200);
      pause = Math.min(Math.max(shortestPause, cost * inSight.size / share), longestPause);
    }));
  };
  const settle = () => { if (waiting) update(); };

  // The answer to the server, which has one call under way at a time: given when the next drawing may begin, so that it sends what there
  // is then and not all that lies between. Nobody looks at a hidden page, whose timers may take a minute.
  const ready = () => new Promise(answer => {
    const rest = document.hidden ? 0 : drawn + pause - performance.now();
    if (rest > 0) setTimeout(answer, rest); else answer();
  });

  // The library leaves out what it was told last, even if the reader has zoomed since.
  const renew = options => { chart.lastUpdateOptions = null; return chart.updateOptions(options, false, false); };
  const place = context => {
    placeMarks(marks, context, seen, words);
    if (seen.kind === 'Columns') narrowShade(context, canvas);
  };
  const events = {
    mounted: place,
    updated: place,
    zoomed: (_, { xaxis }) => {
      zoomed = xaxis?.min !== undefined;
      zoomOut.hidden = !zoomed;
      if (zoomed) renew({ yaxis: frameOf(seen, xaxis, words).yaxis });
    },
  };
  const shown = () => seen;
  const chart = new ApexCharts(canvas, optionsOf(model, events, shown, words));
  const drawing = { dispose() { chart.destroy(); } };
  drawings.set(element, drawing);
  await chart.render();

  const onEnter = () => { hovered = true; };
  const onLeave = () => { hovered = false; settle(); };
  // At once, not by a timer of before: with the button gone, the pointer is on the chart, which would hold it.
  const onZoomOut = () => { clearTimeout(timer); timer = drawn = 0; zoomed = hovered = false; zoomOut.hidden = true; update(); };
  const onView = new IntersectionObserver(entries => { inView = entries.at(-1).isIntersecting; inSight[inView ? 'add' : 'delete'](canvas); settle(); }, { rootMargin: '100px' });
  const onTheme = new MutationObserver(() => renew({ ...looksOf(seen), markers: frameOf(seen, wholeOf(seen), words).markers }));
  canvas.addEventListener('pointerenter', onEnter);
  canvas.addEventListener('pointerleave', onLeave);
  zoomOut.addEventListener('click', onZoomOut);
  document.addEventListener('visibilitychange', settle);
  onView.observe(canvas);
  onTheme.observe(document.documentElement, { attributeFilter: ['data-theme'] });

  return Object.assign(drawing, {
    show(text) {
      const wanted = JSON.parse(text);
      const sameLook = wanted.unit === model.unit && wanted.series.length === model.series.length && wanted.series.every((s, i) => s.color === model.series[i].color);
      const sameStep = wanted.stepSeconds === model.stepSeconds;
      model = wanted;
      if (sameLook && sameStep) { update(); return ready(); }

      // Another range: what was held belongs to the old one.
      zoomed = waiting = false;
      zoomOut.hidden = true;
      seen = model;
      renew({ ...optionsOf(seen, events, shown, words), xaxis: { ...optionsOf(seen, events, shown, words).xaxis, ...wholeOf(seen) } });
    },
    change(text) {
      const { points, times } = JSON.parse(text);
      // When time has moved on, what leaves at the beginning makes room at the end. A new model: the one before may still be in sight.
      const moved = (before, after) => [...before.slice(times.length), ...after];
      model = { ...model, times: moved(model.times, times), series: model.series.map(s => ({ ...s, values: moved(s.values, times.map(() => null)) })) };
      for (const p of points) model.series[p.series].values[p.at] = p.value;
      update();
      return ready();
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
