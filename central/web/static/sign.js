// A place to sign: what is drawn goes into a hidden field as points, without time and pressure. Works with pen, finger and mouse.
(() => {
  "use strict";

  const board = document.querySelector("canvas[data-sign]");
  const field = document.querySelector("input[name=strokes]");
  if (!board || !field) return;
  const pen = board.getContext("2d");
  const { width, height } = board;
  const send = document.querySelector("[data-sign-send]");
  const strokes = [];
  let drawing = null;

  document.querySelector("[data-sign-board]").hidden = false;

  const at = (event) => {
    const box = board.getBoundingClientRect();
    return [Math.round(((event.clientX - box.left) * width) / box.width), Math.round(((event.clientY - box.top) * height) / box.height)];
  };
  const keep = () => {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    send.disabled = !strokes.length;
  };
  const begin = (event) => {
    board.setPointerCapture(event.pointerId);
    drawing = [at(event)];
    pen.lineWidth = 3;
    pen.lineCap = "round";
    pen.strokeStyle = "#000";
    pen.beginPath();
    pen.moveTo(...drawing[0]);
    event.preventDefault();
  };
  const go = (event) => {
    if (!drawing) return;
    const point = at(event);
    const last = drawing[drawing.length - 1];
    if (Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) < 3) return;
    drawing.push(point);
    pen.lineTo(...point);
    pen.stroke();
  };
  const end = () => {
    if (drawing && drawing.length > 1) strokes.push(drawing);
    drawing = null;
    keep();
  };
  board.addEventListener("pointerdown", begin);
  board.addEventListener("pointermove", go);
  board.addEventListener("pointerup", end);
  board.addEventListener("pointercancel", end);
  document.querySelector("[data-sign-clear]").addEventListener("click", () => {
    strokes.length = 0;
    pen.clearRect(0, 0, width, height);
    keep();
  });
  keep();
})();
