// The live channel: a socket that hints, the event feed that misses nothing, and polling where no socket passes.

const FEED = "/api/v1/events/?after=";
const PUBLIC = ["open", "in_progress", "resolved"];
const POLL = 5000; // without a socket
const SETTLE = 5000; // once more soon after a connection, for a transaction that commits late
const SAFETY = 60000; // beside a socket: a hint may be lost
const GRACE = 30000; // a hidden page keeps its socket this long
const PATIENCE = 10000; // for the server's first answer
const LONGEST = 30000;
const MANY = 5000;

const jitter = (ms) => ms * (0.5 + Math.random());

// An event of the feed in the shape of a socket's message. Votes and comments are exact only where the event is about
// them.
function fromFeed({ id, kind, report, data }) {
  const appeared = kind === "created" || (kind === "status_changed" && !PUBLIC.includes(data.from));
  const type = !PUBLIC.includes(data.status) ? "report.gone" : appeared ? "report.created" : "report.changed";
  const { status, category, location } = data;
  const votes = kind === "voted" ? data.votes : undefined;
  const comments = kind.startsWith("comment") ? data.comments : undefined;
  return { type, event: id, kind, report: { ref: report, status, category, location, votes, comments } };
}

// onChange(change): each event once; `change.late` where a newer one of the same report was told before.
// onState(state): "on", "wait" (reconnecting) or "off".
export function openChannel({ path, after, onChange, onState }) {
  let cursor = after;
  let socket, answered, box, reconnect, rereading, hiding;
  let failures = 0;
  let readings = 0;
  const told = new Set();
  const newest = new Map();

  function tell(change) {
    if (told.has(change.event)) return;
    if (told.size > MANY) told.clear();
    told.add(change.event);
    const { ref } = change.report;
    change.late = change.event < (newest.get(ref) || 0);
    if (!change.late) newest.set(ref, change.event);
    onChange(change);
  }

  async function readFeed() {
    let page;
    do {
      const response = await fetch(FEED + cursor, { cache: "no-store" });
      if (!response.ok) throw new Error(`${FEED} ${response.status}`);
      page = await response.json();
      page.results.map(fromFeed).forEach(tell);
      cursor = page.next_after;
    } while (page.results.length);
  }

  // Reads the feed now, and again after a while: soon when there is no socket, now and then beside one.
  async function catchUp(next = SAFETY) {
    clearTimeout(rereading);
    if (cursor === undefined) return;
    const mine = (readings += 1);
    try {
      await readFeed();
      if (!answered) onState(failures < 3 ? "wait" : "on");
    } catch {
      onState(navigator.onLine === false || !answered ? "off" : "on");
    }
    if (mine !== readings || document.hidden) return;
    rereading = setTimeout(catchUp, answered ? jitter(next) : POLL);
  }

  function failed() {
    socket = answered = undefined;
    failures += 1;
    onState(navigator.onLine === false ? "off" : "wait");
    clearTimeout(reconnect);
    reconnect = setTimeout(connect, jitter(Math.min(LONGEST, 1000 * 2 ** failures)));
    if (failures === 3) catchUp();
  }

  function connect() {
    clearTimeout(reconnect);
    if (socket || document.hidden) return;
    if (!globalThis.WebSocket) {
      failures = 3;
      catchUp();
      return;
    }
    const mine = (socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}${path}`));
    const over = () => mine === socket && failed();
    const impatience = setTimeout(() => (mine.close(), over()), PATIENCE);
    mine.onopen = () => box && mine.send(JSON.stringify({ type: "watch", bbox: box }));
    mine.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.report?.ref) tell(message);
      if (message.type !== "watching" || mine !== socket) return;
      clearTimeout(impatience);
      onState("on");
      cursor ??= message.after;
      if (!answered) catchUp(SETTLE);
      answered = true;
      failures = 0;
    };
    mine.onclose = ({ code }) => {
      clearTimeout(impatience);
      if (code === 4404) onState("off"); // not public any more; the page itself will say so
      else over();
    };
  }

  function pause() {
    clearTimeout(reconnect);
    clearTimeout(rereading);
    const open = socket;
    socket = answered = undefined;
    // A socket that is still connecting is closed once it is there: closed before, the browser reports it as a failure.
    if (open?.readyState === 0) open.onopen = () => open.close();
    else open?.close();
  }

  function resume() {
    clearTimeout(hiding);
    failures = 0;
    catchUp();
    if (answered) onState("on");
    else connect();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiding = setTimeout(pause, GRACE);
    else resume();
  });
  addEventListener("pagehide", pause);
  addEventListener("pageshow", ({ persisted }) => persisted && resume());
  addEventListener("online", resume);
  addEventListener("offline", () => onState("off"));

  return {
    connect,
    // bbox: [west, south, east, north] of what the page shows
    watch(bbox) {
      box = bbox;
      if (socket?.readyState === 1) socket.onopen();
      else if (!failures) connect();
    },
  };
}
