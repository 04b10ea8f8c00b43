// The socket is beside the page, whatever way the page came; textual.js opens it once everything is loaded.
const socket = new URL("ws", location.href);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
socket.search = "";
document.getElementById("terminal").dataset.sessionWebsocketUrl = socket.href;

// Says so where the server is no longer reached: the picture would stand still. Comes back by itself once it is there.
const EVERY = 5000;
let lost = false;

async function look() {
  let reached = false;
  try {
    const answer = await fetch("alive", { cache: "no-store", signal: AbortSignal.timeout(EVERY - 1000) });
    reached = answer.ok;
  } catch {
    // Not reached.
  }
  if (reached && lost) location.reload();
  lost = !reached;
  if (lost) document.body.classList.add("-closed");
}

setInterval(look, EVERY);
