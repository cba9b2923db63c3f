// Sounds of the box's pages: a chime, and words spoken by the box itself. A page without sound still shows everything.

const TONES = { call: [[880, 0], [660, 0.35]], help: [[990, 0], [990, 0.25], [990, 0.5]] };

export function chime(name) {
  try {
    const sound = new AudioContext();
    for (const [pitch, at] of TONES[name]) {
      const tone = sound.createOscillator();
      const level = sound.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.2, sound.currentTime + at);
      level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.6);
      tone.connect(level).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.6);
    }
    setTimeout(() => sound.close(), 2000);
  } catch { /* no sound here */ }
}

let playing = null;

export function hush() {
  playing?.pause();
  playing = null;
}

// Plays what the box speaks; resolves when it is over, with false when there was nothing to hear.
export function speak(path) {
  hush();
  const words = new Audio(path);
  playing = words;
  return new Promise((done) => {
    words.onended = words.onpause = () => done(true);
    words.onerror = () => done(false);
    words.play().catch(() => done(false));
  });
}
