import ArgumentParser
import EddySimulation
import Foundation
import Testing

@testable import EddyTool

/// The command that a plan is written as, and the parser that reads it.
@Suite struct PlanCommandTests {
  @Test func theCommandOfAPlanIsReadBackAsThePlan() throws {
    var generator = PlanGenerator(seed: 3)
    for _ in 0..<60 {
      let plan = generator.plan()
      do {
        #expect(try PlanFlags.parse(plan.arguments).plan() == plan, "\(plan.command)")
      } catch {
        Issue.record("\(PlanFlags.message(for: error)) \(plan.command)")
      }
    }
  }

  /// What a shell makes of the command is what it was made of.
  @Test func aShellTakesTheCommandApartAsItWasPutTogether() throws {
    var generator = PlanGenerator(seed: 4)
    var script = ""
    var expected = ""
    for _ in 0..<100 {
      let plan = generator.plan()
      script += "set -- \(plan.command); for word; do printf '%s\\037' \"$word\"; done; echo\n"
      expected += (["eddy", "simulate"] + plan.arguments).map { $0 + "\u{1F}" }.joined() + "\n"
    }
    #expect(try output(of: "/bin/sh", ["-c", script]).text == expected)
  }

  @Test func everyOptionOfTheTableIsAFlagAndTheOtherWayRound() throws {
    let flags = Set(try declared(RunFlags.self) + declared(SimulationFlags.self))
    #expect(flags == Set(PlanOption.all.map(\.name)))
  }

  /// The names of a type's flags that are options of the table.
  private func declared(_ type: any ParsableArguments.Type) throws -> [String] {
    let switches = PlanOption.all.filter(\.isSwitch).map(\.name)
    return Mirror(reflecting: type.init()).children.compactMap { child -> String? in
      let name = (child.label ?? "").dropFirst().reduce(into: "") { name, character in
        name += character.isUppercase ? "-\(character.lowercased())" : String(character)
      }
      return child.value is Option<PlanArgument?> || (child.value is Flag<Bool> && switches.contains(name))
        ? name : nil
    }
  }
}
