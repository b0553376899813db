// Where the marks of a chart's axes stand and how its values are written: in the language of the page's figures, not the browser's own.

// With the digits that the page has (ViewerCultures on the server), whatever those of the language are.
const named = locale => { try { return new Intl.Locale(locale, { numberingSystem: 'latn' }).toString(); } catch { return undefined; } };

// Figures as the page writes them elsewhere (TraceFormat and FigureFormat on the server).
export const wordsFor = culture => {
  const locale = named(culture);
  const number = (least, most = least) => {
    const format = new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most });
    return v => format.format(v);
  };
  const [whole, one, two, four, upTo8] = [number(0), number(1), number(2), number(4), number(0, 8)];
  const share = (v, digits) => new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v / 100);
  const duration = ms => {
    if (ms < 999.5) return `${whole(ms)} ms`;
    if (ms < 59995) return `${two(ms / 1000)} s`;
    const seconds = Math.round(ms / 1000);
    return `${whole(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
  };
  const money = usd => '$' + (usd === 0 ? '0' : usd < .001 ? upTo8(usd) : usd < 1 ? four(usd) : usd < 1e4 ? two(usd) : whole(usd));
  const exact = {
    Count: whole, Milliseconds: duration, Dollars: money,
    Rate: v => `${v > 0 && v < 10 ? one(v) : whole(v)}/s`,
    Percent: v => share(v, v === 0 || v === 100 ? 0 : 1),
  };

  // On an axis all marks have the same unit and as many digits as their distance needs.
  const onAxis = (unit, { step, max }) => {
    const places = by => { let n = 0; while (n < 8 && Math.abs(step / by * 10 ** n - Math.round(step / by * 10 ** n)) > 1e-6) n++; return n; };
    if (unit === 'Percent') return v => share(v, 0);
    if (unit === 'Milliseconds') return max < 1000 ? v => `${whole(v)} ms` : v => `${number(places(1000))(v / 1000)} s`;
    if (unit === 'Dollars') { const n = places(1); return v => '$' + number(n === 1 ? 2 : n)(v); }
    const [by, sign] = max >= 1e9 ? [1e9, 'B'] : max >= 1e6 ? [1e6, 'M'] : max >= 1e4 ? [1e3, 'K'] : [1, ''];
    const n = number(places(by));
    return v => (v === 0 ? '0' : n(v / by) + sign) + (unit === 'Rate' ? '/s' : '');
  };

  const at = options => { const format = new Intl.DateTimeFormat(locale, options); return ms => format.format(new Date(ms)); };
  return {
    exact, onAxis,
    clock: at({ timeStyle: 'short' }),
    seconds: at({ timeStyle: 'medium' }),
    day: at({ weekday: 'short', day: 'numeric', month: 'short' }),
    shortDay: at({ day: 'numeric', month: 'short' }),
  };
};

// From 0 to what is drawn, in at most five round steps: of what is counted, whole ones; of shares, always to 100.
export const valueScale = (unit, top) => {
  if (unit === 'Percent') return { max: 100, step: 25, ticks: 4 };
  const least = unit === 'Count' ? 1 : 0;
  const raw = Math.max(top / 4, least) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(n => n * power).find(n => n >= raw * (1 - 1e-9) && (!least || Number.isInteger(n))) ?? raw;
  const ticks = Math.max(1, Math.ceil(top / step - 1e-9));
  return { max: ticks * step, step, ticks };
};

const spans = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];

// The marks of a time axis: beginnings of steps at round times of the reader's clock, at even distances, and no more than there is room for.
export const timeMarks = (times, stepSeconds, from, to, most, words) => {
  const seen = times.filter(t => t >= from && t <= to);
  const ofDay = t => { const at = new Date(t); return at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds(); };
  const dayText = t => words.shortDay(t);
  for (const span of spans.filter(s => s % stepSeconds === 0)) {
    const found = seen.filter(t => ofDay(t) % span === 0);
    if (found.length > most) continue;
    if (found.length < 2) break;
    return found.map(t => ({ at: t, text: ofDay(t) === 0 && stepSeconds >= 60 ? dayText(t) : span < 60 ? words.seconds(t) : words.clock(t) }));
  }
  const days = seen.filter((t, i) => stepSeconds >= 86400 || i === 0 || new Date(t).getDate() !== new Date(seen[i - 1]).getDate());
  const each = Math.max(1, Math.ceil(days.length / most));

  // Counted from the end: the newest has its mark.
  const marks = days.filter((_, i) => (days.length - 1 - i) % each === 0);
  return stepSeconds < 86400 && days.length < 2
    ? seen.slice(0, 1).map(t => ({ at: t, text: words.clock(t) }))
    : marks.map(t => ({ at: t, text: dayText(t) }));
};

// A value with gaps on both sides has no line: it is marked.
export const lonely = values => values.flatMap((v, i) => v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : []);

// What leads over each gap between two values: from the one to the other, on a straight line. Nothing was measured there.
export const bridges = values => {
  const over = values.map(() => null);
  let last = -1;
  values.forEach((value, at) => {
    if (value === null) return;
    if (last >= 0 && at - last > 1) for (let i = last; i <= at; i++) over[i] = values[last] + (value - values[last]) * (i - last) / (at - last);
    last = at;
  });
  return over;
};

// The highest that is drawn of what lies in a stretch of time.
export const topOf = (model, from, to) => model.times.reduce((top, t, i) => {
  if (t < from || t > to) return top;
  const values = model.series.map(s => s.values[i] ?? 0);
  return Math.max(top, model.kind === 'Columns' ? values.reduce((sum, v) => sum + v, 0) : Math.max(...values));
}, 0);
