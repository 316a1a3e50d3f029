import Eddy

@main
enum Main {
  static func main() { Daemon.run(LockNode()) }
}
