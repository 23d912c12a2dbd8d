// The microphone that was chosen on this device, remembered by this browser only.

const KEY = "crosstalk-microphone";

export function chosenDevice() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage is switched off
  }
}

export function chooseDevice(id) {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // it is asked again next time
  }
}
