/** DeviceStorage for Mini Apps: what a page keeps on this device, for each person of their own. Answers are Telegram's. */

const MAX_BYTES = 5_000_000; // Telegram's, of one bot and person

/** The event that answers a request to the store of `user`: [type, data]. `type` is the request's. */
export function answerOfStorage(type, { req_id, key, value = null }, user) {
  const failed = (error) => ["device_storage_failed", { req_id, error }];
  const mine = `device:${user}:`;
  try {
    if (type === "web_app_device_storage_clear") {
      for (const each of Object.keys(localStorage)) if (each.startsWith(mine)) localStorage.removeItem(each);
      return ["device_storage_cleared", { req_id }];
    }
    if (typeof key !== "string") return failed("KEY_INVALID");
    if (type === "web_app_device_storage_get_key")
      return ["device_storage_key_received", { req_id, value: localStorage.getItem(mine + key) }];
    if (value === null) localStorage.removeItem(mine + key);
    else if (typeof value !== "string") return failed("VALUE_INVALID");
    else if (value.length > MAX_BYTES) return failed("QUOTA_EXCEEDED");
    else localStorage.setItem(mine + key, value);
    return ["device_storage_key_saved", { req_id }];
  } catch (error) {
    return failed(error.name === "QuotaExceededError" ? "QUOTA_EXCEEDED" : "UNKNOWN_ERROR");
  }
}
