-- Precedes the scripts that use the index of a user's sessions.

-- Returns the texts before the data of a record: its user, handle and previous ID. The data itself is not parsed.
local function head(text)
  local stop = string.find(text, ',"Data":', 1, true)
  local ok, record = pcall(cjson.decode, stop and string.sub(text, 1, stop - 1) .. '}')
  local texts = {}
  for name, value in pairs(ok and record or {}) do
    if type(value) == 'string' then texts[name] = value end
  end
  return texts
end

-- Returns the keys of the index of `user` and of its guard, which expires like it. An escaped user has no colon, so no
-- prefix makes two users share a key. A guard without an index shows that Redis has lost the index. The guard is a hash:
-- `LostUntil` is the time in milliseconds until which sessions may be missing in the index, or 0.
local function index_of(user)
  local key = prefix .. 'user:' .. user:gsub('%%', '%%25'):gsub(':', '%%3A')
  return key .. ':sessions', key .. ':guard'
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Returns for how many milliseconds sessions may be missing in the index with this guard.
local function incomplete_for(guard)
  return math.max((tonumber(redis.call('HGET', guard, 'LostUntil') or '0') or 0) - now(), 0)
end

-- Removes the session `id` from the index of `user`.
local function leave(user, id)
  local index, guard = index_of(user)
  redis.pcall('ZREM', index, id)
  if redis.call('EXISTS', index) == 0 then
    -- PEXPIRE with 0 deletes the guard: it shows no loss any more.
    redis.call('PEXPIRE', guard, incomplete_for(guard))
  end
end

-- Makes `key`, which may be new, expire in `ttl` milliseconds, unless it expires later or not at all.
local function prolong(key, ttl, is_new)
  local before = is_new and 0 or redis.call('PTTL', key)
  if ttl == '' then
    redis.call('PERSIST', key)
  elseif before >= 0 and before < tonumber(ttl) then
    redis.call('PEXPIRE', key, ttl)
  end
end

-- Deletes the session `id` with `text`, its entry in the index, and the redirect from its previous ID.
local function finish(id, text)
  local record = head(text)
  redis.call('DEL', prefix .. id)
  if record.User then leave(record.User, id) end
  if record.PreviousID then
    local to, _, imported = redirect(record.PreviousID)
    if to == id and not imported then redis.call('DEL', prefix .. record.PreviousID) end
  end
end

-- Adds the session `id` to the index of `user`, with the time of its login as the score. It ends at the latest in
-- `remaining` milliseconds. It takes the place of the session `old`, if the index has that. If the index then has more than
-- `limit` sessions, the oldest ones end.
local function enter(id, user, created, remaining, limit, old)
  local index, guard = index_of(user)
  local is_new = redis.call('EXISTS', index) == 0
  local guarded = redis.call('PTTL', guard)
  if is_new then
    -- Without a TTL, the sessions that may be missing have no end.
    local lost = guarded == -2 and 0 or guarded == -1 and 1e15 or now() + guarded
    redis.call('HSET', guard, 'LostUntil', string.format('%d', lost))
  end
  redis.call('ZADD', index, created, id)
  redis.call('ZREM', index, old)
  prolong(index, remaining, is_new)
  prolong(guard, remaining, guarded == -2)
  local surplus = redis.call('ZCARD', index) - limit
  if surplus <= 0 then return end
  local oldest = {}
  for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if other ~= id then
      if redis.call('EXISTS', prefix .. other) == 0 then
        redis.call('ZREM', index, other)
        surplus = surplus - 1
      else
        oldest[#oldest + 1] = other
      end
    end
  end
  for at = 1, math.min(surplus, #oldest) do
    finish(oldest[at], read(oldest[at]) or '')
    redis.call('ZREM', index, oldest[at])
  end
end
