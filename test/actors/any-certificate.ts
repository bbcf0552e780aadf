/** A certificate (DER, base64) of an invented holder, signed by itself: for what nothing verifies again. */
export const anyCertificate = [
  'MIIBkDCCATWgAwIBAgIUZFd2evhaojTBrSyRcGaYWXqGchkwCgYIKoZIzj0EAwIwHDEaMBgGA1UEAwwRRVRYRUJFUlJJQSBC',
  'RUdPTkEwIBcNMjYxMTI5MTEzMTI2WhgPMjEyNjExMDUxMTMxMjZaMBwxGjAYBgNVBAMMEUVUWEVCRVJSSUEgQkVHT05BMFkw',
  'EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7JwVSYHsKj/AxkIOqRzMhs93x+jrRhmnifnLaYfHcXRz5QebeneMblKvLd9QAVH6',
  'M38KP3uof0ewINWvhE9t9aNTMFEwHQYDVR0OBBYEFGuq3MT3kWFji+9Mp8enFKrgFiDIMB8GA1UdIwQYMBaAFGuq3MT3kWFj',
  'i+9Mp8enFKrgFiDIMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAKgF3+lKiHDeS/7dY8ElyM/ztfjWS2Hi',
  'v2ZjZPVFEvOXAiEAza6h6wA3AtO77yjL/5tlkMPV4bMJYuplaRvdnPUzGjs=',
].join('');
