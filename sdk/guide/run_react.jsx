// Shows the component of the React block, and tells the test what stands on the page; this text is put behind it.
import { createRoot } from 'react-dom/client';

createRoot(document.body.appendChild(document.createElement('main'))).render(<React.StrictMode><LiveMetrics /></React.StrictMode>);
setInterval(() => fetch('/report', { method: 'POST', body: document.body.innerText }), 100);
