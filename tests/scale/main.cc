// Loads a gateway and reads what it has recorded. Prints what it came to as
// JSON; exits with 1, and says why, when a rule of the result log is broken.

#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/escaping.h"
#include "base/json.h"
#include "scale/load.h"
#include "scale/replay.h"

namespace enrich::scale {
namespace {

std::string ToJson(const LoadReport& report) {
  json::Writer out;
  out.StartObject();
  out.Key("contacts").Int(report.contacts).Key("batches").Int(report.batches);
  out.Key("events").Int(report.events).Key("retries").Int(report.retries);
  out.Key("looks").Int(report.looks);
  out.Member("digest", absl::BytesToHexString(report.digest));
  out.Member("token", report.token);
  out.Key("open_s").Double(absl::ToDoubleSeconds(report.open_duration));
  out.Key("seconds").Double(absl::ToDoubleSeconds(report.duration));
  out.Key("median_ms")
      .Double(absl::ToDoubleMilliseconds(report.median_latency));
  out.Key("longest_ms")
      .Double(absl::ToDoubleMilliseconds(report.longest_latency));
  out.EndObject();
  return out.Take();
}

std::string ToJson(const ReplayReport& report) {
  json::Writer out;
  out.StartObject();
  out.Member("status", report.status);
  out.Member("oldest_token", report.oldest_token);
  out.Key("contacts").Int(report.contacts).Key("batches").Int(report.batches);
  out.Key("events").Int(report.events);
  out.Member("digest", absl::BytesToHexString(report.digest));
  out.Key("seconds").Double(absl::ToDoubleSeconds(report.duration));
  out.EndObject();
  return out.Take();
}

// Prints the report, or what is wrong. Returns the exit code.
template <typename Report>
int Tell(const absl::StatusOr<Report>& report) {
  if (!report.ok()) {
    std::cerr << "enrich_scale: " << report.status() << "\n";
    return 1;
  }
  std::cout << ToJson(*report) << "\n";
  return 0;
}

// Spans of time of the command line, in seconds.
struct Seconds {
  double load = 0;
  double idle = 0;
};

void AddLoadOptions(CLI::App& app, LoadOptions& load, Seconds& seconds) {
  app.add_option("--run", load.run, "What request ids begin with");
  app.add_option("--contacts", load.contacts, "How many to ask for");
  app.add_option("--seconds", seconds.load, "For how long, instead");
  app.add_option("--first", load.plan.first, "Number of the first contact");
  app.add_option("--batch", load.plan.batch, "Contacts in a request");
  app.add_flag("--mixed", load.plan.mixed, "Requests of many kinds");
  app.add_option("--rate", load.rate, "Contacts a second; 0 for any");
  app.add_option("--max-open", load.max_open, "Contacts that wait at once");
  app.add_option("--digest", load.digest, "Of the events before, in hex");
  app.add_option("--watchers", load.watchers, "Streams of everything");
  app.add_option("--idle", seconds.idle, "Seconds before the first request");
  app.add_flag("--onlookers", load.onlookers, "Clients that look at batches");
}

void AddReplayOptions(CLI::App& app, ReplayOptions& replay) {
  app.add_option("--token", replay.token, "Where to begin");
  app.add_option("--digest", replay.digest, "Of what comes before, in hex");
  app.add_flag("--whole", replay.whole, "No batch begins before that");
}

int Main(int argc, char** argv) {
  CLI::App app("Loads a gateway and reads what it has recorded");
  int port = 0;
  app.add_option("--port", port, "Of the gateway's gRPC API")->required();
  app.require_subcommand(1);
  LoadOptions load;
  Seconds seconds;
  CLI::App& load_command = *app.add_subcommand("load", "Asks and watches");
  AddLoadOptions(load_command, load, seconds);
  ReplayOptions replay;
  CLI::App& replay_command = *app.add_subcommand("replay", "Reads history");
  AddReplayOptions(replay_command, replay);
  CLI11_PARSE(app, argc, argv);

  if (load_command.parsed()) {
    load.port = port;
    load.digest = absl::HexStringToBytes(load.digest);
    load.duration = absl::Seconds(seconds.load);
    load.idle = absl::Seconds(seconds.idle);
    return Tell(RunLoad(load));
  }
  replay.port = port;
  replay.digest = absl::HexStringToBytes(replay.digest);
  return Tell(RunReplay(replay));
}

}  // namespace
}  // namespace enrich::scale

int main(int argc, char** argv) { return enrich::scale::Main(argc, argv); }
