// One listener for the boxes of all rows: a handler for each takes every circuit an object or two for each row that passes.
Blazor.registerCustomEventType('tickedrow', {
  browserEventName: 'change',
  createEventArgs: e => ({ traceId: e.target.closest('tr')?.dataset.trace ?? '', ticked: e.target.checked }),
});
