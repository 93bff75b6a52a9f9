'use strict';
(() => {
  const MOST = 12;
  const WIDTH = 28; // of a column
  const HEIGHT = 52; // of a lane
  const strip = document.getElementById('strip');
  const svg = strip.querySelector('svg');
  const [picture, list] = [svg.querySelector('g'), strip.querySelector('ol')];
  const [clear, status] = [strip.querySelector('button'), strip.querySelector('[role=status]')];
  const { store, instance, colour, count, value } = strip.dataset;
  // Another demo may have been at this address before.
  const key = `requests of ${store}`;

  const isCount = (it) => Number.isSafeInteger(it) && it >= 0;
  const isEntry = (it) =>
    typeof it?.instance === 'string' && it.instance.length <= 64 && isCount(it.colour) &&
    (it.count === null || isCount(it.count)) && typeof it.value === 'boolean' && typeof it.lost === 'boolean';

  // Returns the requests that the browser remembers. Another program may have written anything there.
  function load() {
    try {
      const stored = JSON.parse(localStorage.getItem(key));
      return Array.isArray(stored) ? stored.filter(isEntry) : [];
    } catch {
      return [];
    }
  }

  // A browser may refuse to remember them.
  function save(entries) {
    try {
      localStorage.setItem(key, JSON.stringify(entries));
    } catch { /* The strip then shows this request alone. */ }
  }

  function add(parent, name, attributes, text = '') {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function draw(entries) {
    const lanes = [...new Set(entries.map((entry) => entry.instance))].sort();
    const x = (index) => (index + 0.5) * WIDTH;
    const y = (entry) => lanes.indexOf(entry.instance) * HEIGHT + 36;
    picture.replaceChildren();
    svg.setAttribute('viewBox', `0 0 ${MOST * WIDTH} ${lanes.length * HEIGHT}`);

    for (const name of lanes) {
      const entry = entries.find((entry) => entry.instance === name);
      const lane = add(picture, 'g', { class: `colour-${entry.colour}` });
      add(lane, 'line', { class: 'lane', x1: 0, x2: MOST * WIDTH, y1: y(entry), y2: y(entry) });
      add(lane, 'text', { class: 'name', x: 0, y: y(entry) - 22 }, name);
    }
    const points = entries.map((entry, index) => `${x(index)},${y(entry)}`);
    picture.prepend(add(picture, 'polyline', { class: 'path', points: points.join(' ') }));

    entries.forEach((entry, index) => {
      const { count, value, lost } = entry;
      const newest = index === entries.length - 1 ? ' newest' : '';
      const at = add(picture, 'g', { class: `colour-${entry.colour}${newest}` });
      const [cx, cy, r] = [x(index), y(entry), count === null ? 5 : 11];
      add(at, 'circle', { class: `dot${value ? ' filled' : ''}${lost ? ' lost' : ''}`, cx, cy, r });
      if (count === null) return;
      const number = add(at, 'text', { class: 'number', x: cx, y: cy }, count);
      if (count > 99) number.setAttribute('textLength', 17), number.setAttribute('lengthAdjust', 'spacingAndGlyphs');
      if (lost) add(at, 'path', { class: 'cross', d: `M${cx + 7} ${cy - 17}l6 6m0 -6l-6 6` });
    });
  }

  // Describes the same in words.
  function say(entries) {
    list.replaceChildren(...entries.map(({ instance, count, value, lost }) => {
      const item = document.createElement('li');
      const parts = [count === null ? 'a page without a count' : `count ${count}`];
      parts.push(value ? 'the value is there' : 'no value');
      if (lost) parts.push('the count did not go on');
      item.textContent = `${instance}: ${parts.join(', ')}`;
      return item;
    }));
  }

  function show(entries) {
    draw(entries);
    say(entries);
  }

  const entries = load();
  const entry = {
    instance,
    colour: Number(colour),
    count: count === undefined ? null : Number(count),
    value: value !== undefined,
  };
  const before = entries.findLast((entry) => entry.count !== null);
  entry.lost = entry.count !== null && before !== undefined && entry.count <= before.count;
  const last = [...entries, entry].slice(-MOST);
  save(last);
  show(last);
  strip.hidden = false;

  clear.addEventListener('click', () => {
    save([]);
    show([]);
    status.textContent = 'Cleared.';
  });
})();
