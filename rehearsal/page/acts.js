// What a finger does, sent to the stage. A refusal is one sentence, thrown as an Error.

async function post(path, body, headers = {}) {
  const answer = await fetch(path, { method: "POST", body, headers: { "X-Stage": "page", ...headers } });
  if (answer.ok) return;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error || "The stage did not answer as expected.");
}

export const act = (phone, name, body) =>
  post(`/stage/phones/${phone}/${name}`, JSON.stringify(body), { "Content-Type": "application/json" });

export const sendFile = (phone, kind, bot, file, name, caption = "") =>
  post(`/stage/phones/${phone}/${kind}?${new URLSearchParams({ bot, name, caption })}`, file,
    { "Content-Type": "application/octet-stream" });

export const steer = (change) =>
  post("/stage/clock", JSON.stringify(change), { "Content-Type": "application/json" });
