// A node for the workloads echo and broadcast: a goroutine for the gossip, state under a mutex.
//
// A value is sent to each peer again and again until the peer acknowledges it.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"math/rand"
	"os"
	"sync"
	"time"
)

type Message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body Body   `json:"body"`
}

// Body has the fields of all kinds of messages. Pointers tell what is missing from what is zero or empty.
type Body struct {
	Type      string          `json:"type"`
	MsgID     *int            `json:"msg_id,omitempty"`
	InReplyTo *int            `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Echo      json.RawMessage `json:"echo,omitempty"`
	Message   *int            `json:"message,omitempty"`
	Messages  *[]int          `json:"messages,omitempty"`
}

type set map[int]struct{}

func (s set) add(values []int) {
	for _, value := range values {
		s[value] = struct{}{}
	}
}

type Node struct {
	output sync.Mutex
	writer *json.Encoder

	state  sync.Mutex
	id     string
	peers  []string
	values set
	// For each peer, the values that it is known to have.
	acknowledged map[string]set
}

func (n *Node) send(dest string, body Body) {
	n.output.Lock()
	defer n.output.Unlock()
	if err := n.writer.Encode(Message{Src: n.id, Dest: dest, Body: body}); err != nil {
		log.Fatal(err)
	}
}

func (n *Node) gossip() {
	random := rand.New(rand.NewSource(time.Now().UnixNano()))
	ticker := time.NewTicker(200 * time.Millisecond)
	for range ticker.C {
		time.Sleep(time.Duration(random.Intn(100)) * time.Millisecond)
		for _, peer := range n.peers {
			if missing := n.missing(peer); len(missing) > 0 {
				n.send(peer, Body{Type: "gossip", Messages: &missing})
			}
		}
	}
}

func (n *Node) missing(peer string) []int {
	n.state.Lock()
	defer n.state.Unlock()
	var missing []int
	for value := range n.values {
		if _, known := n.acknowledged[peer][value]; !known {
			missing = append(missing, value)
		}
	}
	return missing
}

// handle returns the reply, which lacks its type and the number of the request.
func (n *Node) handle(source string, body Body) (reply Body) {
	n.state.Lock()
	defer n.state.Unlock()
	switch body.Type {
	case "init":
		n.start(body)
	case "echo":
		reply.Echo = body.Echo
	case "broadcast":
		n.values.add([]int{*body.Message})
	case "read":
		all := make([]int, 0, len(n.values))
		for value := range n.values {
			all = append(all, value)
		}
		reply.Messages = &all
	case "gossip":
		n.values.add(*body.Messages)
		n.acknowledged[source].add(*body.Messages)
		n.send(source, Body{Type: "gossip_ok", Messages: body.Messages})
	case "gossip_ok":
		n.acknowledged[source].add(*body.Messages)
	}
	return reply
}

func (n *Node) start(body Body) {
	n.id = body.NodeID
	for _, peer := range body.NodeIDs {
		if peer != n.id {
			n.peers = append(n.peers, peer)
			n.acknowledged[peer] = set{}
		}
	}
	go n.gossip()
}

func main() {
	node := Node{writer: json.NewEncoder(os.Stdout), values: set{}, acknowledged: map[string]set{}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var message Message
		if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
			log.Fatal(err)
		}
		reply := node.handle(message.Src, message.Body)
		if message.Body.MsgID != nil {
			reply.Type = message.Body.Type + "_ok"
			reply.InReplyTo = message.Body.MsgID
			node.send(message.Src, reply)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
