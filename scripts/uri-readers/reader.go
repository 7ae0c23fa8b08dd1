// What Go's net/url reads in each URI of a JSON list: parts, or null where it refuses.
package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path"
	"runtime"
)

func read(text string) []any {
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	at := u.Path
	if u.Opaque != "" {
		if opaque, err := url.PathUnescape(u.Opaque); err == nil {
			at = opaque
		}
	}
	if at != "" {
		at = path.Clean(at)
	}
	return []any{u.Scheme, u.Hostname(), u.Port(), at, u.RawQuery}
}

func main() {
	var uris []string
	if err := json.NewDecoder(os.Stdin).Decode(&uris); err != nil {
		panic(err)
	}
	all := make([][]any, len(uris))
	for i, uri := range uris {
		all[i] = read(uri)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"version": runtime.Version(), "read": all})
}
