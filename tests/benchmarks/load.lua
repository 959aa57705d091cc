-- Sends the requests of a file in turn, repeatedly, and prints one line of JSON at the end.
-- A line of the file: method, path, token, body, with tabs between; token and body may be empty.

local requests, sent = {}, 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local method, path, token, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
        local headers = {}
        if token ~= "" then headers["Authorization"] = "Bearer " .. token end
        if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
        requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
end

function request()
    sent = sent + 1
    return requests[(sent - 1) % #requests + 1]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50": %.6f, "p99": %.6f, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout
    ))
end
