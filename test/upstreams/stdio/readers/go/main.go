// An MCP server that reads its lines with bufio.Scanner, and says which it saw.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		ProtocolVersion string `json:"protocolVersion"`
		Name            string `json:"name"`
		Arguments       struct {
			Text string `json:"text"`
		} `json:"arguments"`
	} `json:"params"`
}

type object map[string]any

func resultOf(asked message, lines []string) object {
	if asked.Method == "initialize" {
		info := object{"name": "reader", "version": "1"}
		version := asked.Params.ProtocolVersion
		return object{"protocolVersion": version, "capabilities": object{"tools": object{}}, "serverInfo": info}
	}
	text := asked.Params.Arguments.Text
	if asked.Params.Name == "lines" {
		all, _ := json.Marshal(lines)
		text = string(all)
	}
	return object{"content": []object{{"type": "text", "text": text}}}
}

func main() {
	var lines []string
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		var asked message
		if json.Unmarshal(scanner.Bytes(), &asked) != nil || asked.ID == nil {
			continue
		}
		answer, _ := json.Marshal(object{"jsonrpc": "2.0", "id": asked.ID, "result": resultOf(asked, lines)})
		fmt.Println(string(answer))
	}
}
