-- For wrk: asks line after line of a file, each thread from a place of its own, and ends with the figures as JSON.
-- Arguments: the file, and `get`, `get-each-anew` (no two addresses alike, so that no cache answers) or `post` (the
-- lines are JSON bodies for the one address of the command line).

local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(arguments)
    lines, position, asked, mode = {}, number * 1013, 0, arguments[2]
    for line in io.lines(arguments[1]) do
        lines[#lines + 1] = mode == "get" and wrk.format("GET", line) or line
    end
    if mode == "post" then
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
    end
end

function request()
    position, asked = position + 1, asked + 1
    local line = lines[position % #lines + 1]
    if mode == "get" then
        return line
    end
    if mode == "post" then
        return wrk.format(nil, nil, nil, line)
    end
    return wrk.format("GET", line .. (line:find("?", 1, true) and "&" or "?") .. "n=" .. number .. "-" .. asked)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'figures {"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, "p99": %d, "failed": %d}\n',
        summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(95), latency:percentile(99),
        errors.status + errors.connect + errors.read + errors.write + errors.timeout
    ))
end
