-- The same session as script-break-on-handle.cmd, in Lua: from the birth of a handle to those who wait on it for ever.
wedge.on("create", { type = "event" }, function(e)
	print(string.format("0x%X made in %s", e.handle, wedge.symbol(e.lr)))
end)
local birth = wedge.on("create", { type = "event", caller = "open_cache" }, function() return true end)
local h = wedge.run().event.handle
print("stopped where the cache makes its event")
wedge.cmd("bt 3")
wedge.off(birth)
wedge.on("wait", { handle = h }, function() return true end)
local stop = wedge.cont()
for _, t in ipairs(wedge.table("threads")) do
	if t.tid == stop.event.tid then print("thread($_tid).name  " .. t.name) end
end
print(string.format("$_waiters  0x%X  %d", eval("$_waiters"), eval("$_waiters")))
wedge.on("stop", { kind = "wedge" }, function(s)
	print("stopped: " .. s.text)
	local function thousands(n) return (tostring(n):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")) end
	print(("  instr %s   cyc %s   ev %d"):format(thousands(s.instr), thousands(s.cyc), s.ev))
end)
while stop.kind == "event" do stop = wedge.cont() end
local object = wedge.table("object", h)[1]
print(string.format("handle($h).signals  0x%X  %d", object.signals, object.signals))
print(string.format("handle($h).waiters  0x%X  %d", #object.waiters, #object.waiters))
wedge.cmd("waiters @" .. object.object)
wedge.expect(object.signals == 0, "somebody has signalled it")
