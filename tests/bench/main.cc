// The load driver: the whole gateway over loopback, beside what limits it.

#include <fstream>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "bench/cases.h"
#include "bench/epoll_server.h"
#include "bench/floor_server.h"
#include "bench/gateway_child.h"

int main(int argc, char** argv) {
  CLI::App app("Measures the gateway beside what limits it");
  enrich::bench::BenchOptions options;
  std::string out_path;
  app.add_option("--folder", options.folder, "Where the stores are")
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds")->capture_default_str();
  app.add_option("--scale", options.scale, "Of the amount of work")
      ->capture_default_str();
  app.add_option("--filter", options.filter, "Part of the names of the works");
  app.add_flag("--peers", options.peers, "Other servers on the same work, too");
  app.add_option("--out", out_path, "JSON file for the measurements");

  // For the processes this one starts.
  std::string serve;
  enrich::bench::GatewaySetup setup;
  app.add_option("--serve", serve)->group("");
  enrich::bench::FloorHistory history;
  app.add_option("--history-events", history.events)->group("");
  app.add_option("--event-bytes", history.event_bytes)->group("");
  app.add_option("--provider-port", setup.provider_port)->group("");
  app.add_option("--accounts", setup.accounts)->group("");
  app.add_option("--max-running", setup.max_running_contacts)->group("");
  CLI11_PARSE(app, argc, argv);

  setup.folder = options.folder;
  if (serve == "gateway") return enrich::bench::ServeGateway(setup);
  if (serve == "epoll") return enrich::bench::ServeEpoll();
  if (serve == "floor")
    return enrich::bench::ServeFloor(options.folder, history);

  enrich::bench::Measurements measurements;
  const absl::Status status = enrich::bench::RunAll(options, measurements);
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  if (out_path.empty()) {
    std::cout << measurements.ToJson() << "\n";
    return 0;
  }
  std::ofstream out(out_path);
  out << measurements.ToJson() << "\n";
  return out.good() ? 0 : 1;
}
