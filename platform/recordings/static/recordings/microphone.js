// The microphone itself: asked for untreated, and what the browser says it really does.

import { sha256 } from "./digest.js";

const RAW_AUDIO = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  voiceIsolation: false, // it would remove the second voice
};
const REPORTED = [
  "echoCancellation", "noiseSuppression", "autoGainControl", "voiceIsolation",
  "sampleRate", "channelCount",
];

/** Why there is no microphone: "insecure", "denied", "none", "busy" or "unsupported". */
export function whyNot(trouble) {
  if (!globalThis.isSecureContext) return "insecure";
  if (!navigator.mediaDevices) return "unsupported";
  if (!globalThis.AudioWorkletNode && !globalThis.MediaRecorder) return "unsupported";
  if (["NotAllowedError", "SecurityError"].includes(trouble.name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(trouble.name)) return "none";
  return "busy";
}

/** A stream of the chosen device, or of the browser's own choice if that is gone. */
export async function openStream(deviceId = "") {
  const media = navigator.mediaDevices;
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  try {
    return await media.getUserMedia({ audio: { ...RAW_AUDIO, ...device } });
  } catch (trouble) {
    if (!deviceId || trouble.name !== "OverconstrainedError") throw trouble;
    return media.getUserMedia({ audio: RAW_AUDIO });
  }
}

/** Constraints are only wishes: what is really done, and the device by a hash. */
export async function describe(stream) {
  const [track] = stream.getAudioTracks();
  const all = track.getSettings();
  const kept = REPORTED.filter((name) => name in all).map((name) => [name, all[name]]);
  const label = new TextEncoder().encode(track.label);
  const device = track.label ? (await sha256(label.buffer)).slice(0, 16) : "";
  return { ...Object.fromEntries(kept), device };
}

/** Frames that the device delivered and the browser lost, where it counts them. */
export function lostFrames(stream) {
  const { totalFrames, deliveredFrames } = stream.getAudioTracks()[0].stats ?? {};
  return totalFrames > deliveredFrames ? totalFrames - deliveredFrames : 0;
}

/** The microphones to choose from, each once: [{ id, label }]. */
export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const seen = new Set();
  return all
    .filter(({ kind, deviceId }) => kind === "audioinput" && deviceId)
    .filter(({ deviceId }) => !["default", "communications"].includes(deviceId))
    .filter(({ groupId, label }) => {
      const key = `${groupId}${label}`;
      return !seen.has(key) && seen.add(key);
    })
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}
