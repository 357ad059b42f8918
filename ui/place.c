/* ui/place.c - see place.h */
#include "config.h"

#include "ui/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool place(const char *variable, const char *below_home, const char *name, char *path, size_t size)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int n = -1;
	if (base && *base == '/')
		n = snprintf(path, size, "%s/wedge/%s", base, name);
	else if (home && *home == '/')
		n = snprintf(path, size, "%s/%s/wedge/%s", home, below_home, name);
	return n >= 0 && n < (int)size;
}

bool place_config(const char *name, char *path, size_t size)
{
	return place("XDG_CONFIG_HOME", ".config", name, path, size);
}

bool place_state(const char *name, char *path, size_t size)
{
	return place("XDG_STATE_HOME", ".local/state", name, path, size);
}

bool place_make(const char *path)
{
	char *folder = xstrdup(path);
	bool made = true;
	for (char *p = folder + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			made = !mkdir(folder, 0700) || errno == EEXIST;
			*p = '/';
		}
	free(folder);
	return made;
}
