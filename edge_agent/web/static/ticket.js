import { $, body, follow, swap } from "/static/live.js";

let before = null;

follow(`/live/ticket/${body.dataset.ticket}`, (state) => {
  swap($("main"), state.html);
  document.title = `${state.number} ${state.sentence}`;
  if (before === "waiting" && state.state === "called") navigator.vibrate?.([300, 150, 300]);
  before = state.state;
});
