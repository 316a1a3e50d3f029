import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node for the workloads echo and broadcast: an executor for the requests, a scheduled one for the gossip.
 *
 * <p>A value is sent to each peer again and again until the peer acknowledges it.
 */
public final class Node {
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final PrintStream output = new PrintStream(System.out, false);
  private String id = "";
  private final Set<Integer> values = new TreeSet<>();
  /** For each peer, the values that it is known to have. */
  private final Map<String, Set<Integer>> acknowledged = new TreeMap<>();

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var node = new Node();
    var requests = Executors.newFixedThreadPool(2);
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = input.readLine()) != null; ) {
      var message = line;
      requests.execute(() -> node.receive(message));
    }
    requests.shutdown();
    requests.awaitTermination(1, TimeUnit.SECONDS);
    node.timer.shutdownNow();
  }

  private synchronized void receive(String line) {
    String source = string(line, "src");
    String type = string(line, "type");
    String rest = handle(source, type, line);
    String number = field(line, "msg_id");
    if (!number.isEmpty()) {
      send(source, "\"type\":\"" + type + "_ok\",\"in_reply_to\":" + number + rest);
    }
  }

  /** Returns what the reply has beside its type and the number of the request. */
  private String handle(String source, String type, String line) {
    switch (type) {
      case "init" -> start(line);
      case "echo" -> {
        return ",\"echo\":" + field(line, "echo");
      }
      case "broadcast" -> values.add(Integer.valueOf(field(line, "message")));
      case "read" -> {
        return ",\"messages\":" + values;
      }
      case "gossip", "gossip_ok" -> {
        Set<Integer> received = numbers(field(line, "messages"));
        values.addAll(received);
        acknowledged.get(source).addAll(received);
        if (type.equals("gossip")) {
          send(source, "\"type\":\"gossip_ok\",\"messages\":" + received);
        }
      }
      default -> { }
    }
    return "";
  }

  private void start(String line) {
    id = string(line, "node_id");
    for (String peer : field(line, "node_ids").split("[\\[\\]\", ]+")) {
      if (!peer.isEmpty() && !peer.equals(id)) {
        acknowledged.put(peer, new TreeSet<>());
      }
    }
    scheduleGossip();
  }

  private void scheduleGossip() {
    timer.schedule(this::gossip, 200 + ThreadLocalRandom.current().nextInt(100), TimeUnit.MILLISECONDS);
  }

  private synchronized void gossip() {
    acknowledged.forEach((peer, known) -> {
      var missing = new TreeSet<>(values);
      missing.removeAll(known);
      if (!missing.isEmpty()) {
        send(peer, "\"type\":\"gossip\",\"messages\":" + missing);
      }
    });
    scheduleGossip();
  }

  private void send(String dest, String body) {
    output.println("{\"src\":\"" + id + "\",\"dest\":\"" + dest + "\",\"body\":{" + body + "}}");
    output.flush();
  }

  /**
   * The text of a field's value. This is enough of JSON for these workloads: values are numbers, lists without lists in
   * them, and strings without quotes in them.
   */
  private static String field(String line, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\": *(\"[^\"]*\"|\\[[^\\]]*\\]|[^,}]*)").matcher(line);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static String string(String line, String name) {
    return field(line, name).replace("\"", "");
  }

  private static Set<Integer> numbers(String list) {
    var numbers = new TreeSet<Integer>();
    for (String number : list.split("[\\[\\], ]+")) {
      if (!number.isEmpty()) {
        numbers.add(Integer.valueOf(number));
      }
    }
    return numbers;
  }
}
