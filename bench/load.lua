-- wrk: the same POST with the next of the tokens each time. Requests are written once, before the load begins.
-- Arguments: file of tokens, file of the body, number of the first token. The last line of the output is the result as JSON.

local requests = {}
local turn = 0

local function read(path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

function init(args)
  local body = read(args[2])
  for token in read(args[1]):gmatch('[^\n]+') do
    requests[#requests + 1] = wrk.format('POST', nil, {
      ['Authorization'] = 'Bearer ' .. token,
      ['Content-Type'] = 'application/json',
      ['Accept'] = 'application/json, text/event-stream',
      ['MCP-Protocol-Version'] = '2025-11-25',
    }, body)
  end
  turn = tonumber(args[3])
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"failures":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
