#!/usr/bin/env ruby
# A node for the workloads echo and broadcast, with a thread for the gossip.
#
# A value is sent to each peer again and again until the peer acknowledges it.
require 'json'
require 'set'

class Node
  def initialize
    @state = Mutex.new
    @output = Mutex.new
    @values = Set.new
    @acknowledged = {} # For each peer, the values that it is known to have.
    $stdout.sync = true
  end

  def run
    $stdin.each_line do |line|
      message = JSON.parse(line)
      source, body = message.values_at('src', 'body')
      reply = @state.synchronize { handle(source, body) }
      next unless body.key?('msg_id')

      send_to(source, { type: "#{body['type']}_ok", in_reply_to: body['msg_id'], **reply })
    end
  end

  private

  # What the reply has beside its type.
  def handle(source, body)
    case body['type']
    when 'init' then start(body)
    when 'echo' then return { echo: body['echo'] }
    when 'broadcast' then @values.add(body['message'])
    when 'read' then return { messages: @values.to_a }
    when 'gossip'
      @values.merge(body['messages'])
      @acknowledged[source].merge(body['messages'])
      send_to(source, { type: 'gossip_ok', messages: body['messages'] })
    when 'gossip_ok' then @acknowledged[source].merge(body['messages'])
    end
    {}
  end

  def start(body)
    @id = body['node_id']
    (body['node_ids'] - [@id]).each { |peer| @acknowledged[peer] = Set.new }
    Thread.new { gossip }.abort_on_exception = true
  end

  def gossip
    loop do
      sleep(rand(0.2..0.3))
      missing = @state.synchronize { @acknowledged.transform_values { |known| (@values - known).to_a } }
      missing.each do |peer, messages|
        send_to(peer, { type: 'gossip', messages: messages }) unless messages.empty?
      end
    end
  end

  def send_to(dest, body)
    line = JSON.generate({ src: @id, dest: dest, body: body })
    @output.synchronize { $stdout.puts(line) }
  end
end

Node.new.run
