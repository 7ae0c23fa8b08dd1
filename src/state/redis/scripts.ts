// The scripts that run in the store. Each is atomic, takes one round trip, and uses keys of one hash tag, so that it
// runs on one node of a cluster. Large numbers are formatted, since Lua would write them with an exponent.

/** The id of this run of the server, which changes with a restart and with a failover. */
const RUN = `local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')`

/**
 * Each key has four arguments: `take`, `peek` or `give`; how many; how many fit into a window; the window's
 * milliseconds. Returns for each key the milliseconds to wait, or -1 where it fits.
 */
export const TAKE = `
local out = {}
for i = 1, #KEYS do
  local at = (i - 1) * 4
  local mode, count, most, ms = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), ARGV[at + 4]
  local held = redis.call('GET', KEYS[i])
  local taken = tonumber(held or '0')
  out[i] = -1
  if mode == 'give' then
    if taken > 0 then redis.call('DECRBY', KEYS[i], math.min(count, taken)) end
  elseif taken + count > most then
    local left = redis.call('PTTL', KEYS[i])
    out[i] = left > 0 and left or tonumber(ms)
  elseif mode == 'take' then
    if held then redis.call('INCRBY', KEYS[i], count) else redis.call('SET', KEYS[i], count, 'PX', ms) end
  end
end
return out`

/**
 * Keys: the id, the count of its owner, the epoch. Arguments: milliseconds, how many the owner may hold, the time at
 * the gateway. Returns 0 for the first use, 1 for a later one, 2 where the owner holds too many; and the time since
 * when nothing was forgotten, by the later of both clocks.
 */
export const USE = `
${RUN}
local epoch = redis.call('GET', KEYS[3])
local since = epoch and string.match(epoch, '^' .. run .. ' (%d+)$')
if not since then
  local now = redis.call('TIME')
  since = string.format('%.0f', math.max(now[1] * 1000 + math.floor(now[2] / 1000), tonumber(ARGV[3])) + 1)
  redis.call('SET', KEYS[3], run .. ' ' .. since)
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {1, since} end
if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return {2, since} end
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
if redis.call('INCR', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[1]) end
return {0, since}`

/** Keys: the value, the index of its owner. Arguments: the value, milliseconds, how many the owner may hold. */
export const KEEP = `
local now = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], string.format('%.0f', now[1] * 1000000 + now[2]), KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[3]) do
  redis.call('DEL', redis.call('ZPOPMIN', KEYS[2])[1])
end
return 1`

/**
 * Keys: the texts of a table, their owners, how many each owner holds, when each ends, the run that they belong to. What
 * belongs to an earlier run is dropped: a server that was restarted or took over may have forgotten that a record was
 * replaced.
 */
const RECORDS = `
${RUN}
local texts, owners, held, ends, of = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function drop(key)
  local owner = redis.call('HGET', owners, key)
  redis.call('HDEL', texts, key)
  redis.call('HDEL', owners, key)
  redis.call('ZREM', ends, key)
  if owner and redis.call('HINCRBY', held, owner, -1) <= 0 then redis.call('HDEL', held, owner) end
end
if redis.call('GET', of) ~= run then
  redis.call('DEL', texts, owners, held, ends)
  redis.call('SET', of, run)
end
for _, key in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('%.0f', now))) do drop(key) end`

/**
 * Arguments: the key, the owner, the text, milliseconds, how many the owner may hold, how many all may. Returns 0 where it
 * was added, 1 where the key has one, 2 where the owner holds too many, 3 where all do.
 */
export const ADD_RECORD = `
${RECORDS}
if redis.call('HEXISTS', texts, ARGV[1]) == 1 then return 1 end
if tonumber(redis.call('HGET', held, ARGV[2]) or '0') >= tonumber(ARGV[5]) then return 2 end
if redis.call('HLEN', texts) >= tonumber(ARGV[6]) then return 3 end
redis.call('HSET', texts, ARGV[1], ARGV[3])
redis.call('HSET', owners, ARGV[1], ARGV[2])
redis.call('HINCRBY', held, ARGV[2], 1)
redis.call('ZADD', ends, string.format('%.0f', now + tonumber(ARGV[4])), ARGV[1])
for i = 1, 5 do redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
return 0`

/** Arguments: the key. */
export const FIND_RECORD = `
${RECORDS}
return redis.call('HGET', texts, ARGV[1])`

/** Arguments: the key, the text that was seen, `set` or `drop`, the next text. Returns 1 where it was replaced. */
export const REPLACE_RECORD = `
${RECORDS}
if redis.call('HGET', texts, ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == 'drop' then drop(ARGV[1]) else redis.call('HSET', texts, ARGV[1], ARGV[4]) end
return 1`

/** Returns keys and texts by turns. */
export const LIST_RECORDS = `
${RECORDS}
return redis.call('HGETALL', texts)`

/** Releases a lock only for its present holder, so that an earlier holder cannot release it. */
export const UNLOCK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`

/** Keys: the position, the stream. Arguments: the event, how many are kept. Positions have no gaps. */
export const PUBLISH = `
local at = string.format('%.0f', redis.call('INCR', KEYS[1])) .. '-0'
local function add() return redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], at, 'event', ARGV[1]) end
if type(add()) == 'table' then
  redis.call('DEL', KEYS[2])
  return add()
end
return at`

/**
 * Arguments: the position that was read last, how many to read. Returns the run, the newest position, and the events. A
 * replica answers as it answers a write, since what it has may be old: so it is noticed where nothing is written.
 */
export const READ = `
if string.find(redis.call('INFO', 'replication'), 'role:slave', 1, true) then
  return redis.error_reply('READONLY this server is a replica')
end
${RUN}
local newest = tonumber(redis.call('GET', KEYS[1]) or '0')
local last = tonumber(ARGV[1])
local out = {}
if newest > last then
  local from = string.format('%.0f', last + 1) .. '-0'
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[2])) do
    out[#out + 1] = {string.match(entry[1], '^%d+'), entry[2][2]}
  end
end
return {run, string.format('%.0f', newest), out}`
