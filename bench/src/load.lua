-- Sends the requests of visitors with sessions, for wrk. wrk runs this file once in each of its threads. With as many
-- threads as connections, each connection has its own sessions.
--
-- Arguments: KIND CHANGE_PATH READ_PATH PAUSE CONNECTIONS [COOKIES]
--   KIND      change      each request counts a visit
--             read        the first request counts a visit, and the others only read
--             anonymous   each request reads without a cookie
--             new         each request begins a session
--             none        there are no sessions
--   PAUSE     average pause of a connection between two requests, in milliseconds
--   COOKIES   a file of cookies, one in each line, which the connections share out and visit one after another

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

function init(args)
  kind, change_path, read_path = args[1], args[2], args[3]
  local pause, connections = tonumber(args[4]), tonumber(args[5])
  sessions, current = {}, 0
  good, failed, wrong, cookie_bytes = 0, 0, 0, 0
  if args[6] then
    local line_number = 0
    for line in io.lines(args[6]) do
      if line_number % connections == number then sessions[#sessions + 1] = {cookie = line} end
      line_number = line_number + 1
    end
  else
    sessions[1] = {}
  end
  if pause > 0 then
    math.randomseed(number + 1)
    delay = function() return math.random(0, 2 * pause) end
  end
end

function request()
  current = current % #sessions + 1
  local session = sessions[current]
  if not session.request then
    local reads = kind == "anonymous" or kind == "read" and session.cookie
    session.request = wrk.format("GET", reads and read_path or change_path, {Cookie = session.cookie})
  end
  return session.request
end

-- Counts a response as wrong if its number does not follow from the session's last one.
function response(status, headers, body)
  if status ~= 200 then
    failed = failed + 1
    return
  end
  local session = sessions[current]
  local count = tonumber(string.match(body, "%d+"))
  local cookie = headers["set-cookie"] or headers["Set-Cookie"]
  local expected = count
  if kind == "change" and session.count then expected = session.count + 1 end
  if kind == "read" and session.count then expected = session.count end
  if kind == "anonymous" then expected = cookie and -1 or 0 end
  if kind == "new" and not cookie then expected = -1 end
  if count == nil or count ~= expected then wrong = wrong + 1 else good = good + 1 end
  session.count = count
  if cookie and kind ~= "new" then
    session.cookie = string.match(cookie, "^[^;]+")
    session.request = nil
  end
  if cookie then cookie_bytes = #string.match(cookie, "^[^;]+") end
end

function done(summary, latency, _)
  local function total(name)
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get(name) end
    return sum
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"micros":%d,"good":%d,"failed":%d,"wrong":%d,"broken":%d,"p50":%d,"p99":%d,"cookie_bytes":%d}\n',
    summary.duration, total("good"), total("failed"), total("wrong"),
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), threads[1]:get("cookie_bytes")))
end
