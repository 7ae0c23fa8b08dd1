// Go's encoding/json: for each hexadecimal line, method, name or URI, and id of each message, as hexadecimal UTF-8.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

type named struct {
	Name *string `json:"name"`
}

type located struct {
	URI *string `json:"uri"`
}

type message struct {
	Method string          `json:"method"`
	ID     json.RawMessage `json:"id"`
	Params json.RawMessage `json:"params"`
}

func hexed(text string) *string {
	out := hex.EncodeToString([]byte(text))
	return &out
}

func reading(m message) ([]*string, error) {
	name, err := nameOf(m)
	if err != nil {
		return nil, err
	}
	id, err := identity(m.ID)
	return []*string{hexed(m.Method), name, id}, err
}

func nameOf(m message) (*string, error) {
	var name *string
	var err error
	switch m.Method {
	case "tools/call", "prompts/get":
		var p named
		err = json.Unmarshal(m.Params, &p)
		name = p.Name
	case "resources/read":
		var p located
		err = json.Unmarshal(m.Params, &p)
		name = p.URI
	default:
		return nil, nil
	}
	if err == nil && name == nil {
		err = fmt.Errorf("no name")
	}
	if err != nil {
		return nil, err
	}
	return hexed(*name), nil
}

func identity(raw json.RawMessage) (*string, error) {
	if raw == nil {
		return nil, nil
	}
	if raw[0] == '"' {
		var text string
		err := json.Unmarshal(raw, &text)
		return hexed("s" + text), err
	}
	number, err := strconv.ParseFloat(string(raw), 64)
	if err != nil && number == 0 {
		return nil, err
	}
	return hexed("n" + strconv.FormatFloat(number, 'g', -1, 64)), nil
}

func told(line []byte) ([][]*string, error) {
	body := make([]byte, hex.DecodedLen(len(line)))
	if _, err := hex.Decode(body, line); err != nil {
		return nil, err
	}
	var messages []message
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(body, &messages); err != nil {
			return nil, err
		}
	} else {
		var one message
		if err := json.Unmarshal(body, &one); err != nil {
			return nil, err
		}
		messages = []message{one}
	}
	readings := [][]*string{}
	for _, m := range messages {
		each, err := reading(m)
		if err != nil {
			return nil, err
		}
		readings = append(readings, each)
	}
	return readings, nil
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		readings, err := told(bytes.TrimSpace(line))
		if err != nil {
			fmt.Fprintln(out, "error", err)
			continue
		}
		text, _ := json.Marshal(readings)
		out.Write(append(text, '\n'))
	}
}
