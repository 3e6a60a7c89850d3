#include <csignal>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "server/commands.h"

int main(int argc, char** argv) {
  CLI::App app("Enrich Gateway: one gRPC API for contact-enrichment providers");
  app.set_version_flag("--version", ENRICH_VERSION);
  app.require_subcommand(0, 1);

  std::string config;
  app.add_option("--config", config,
                 "Configuration file (YAML); without it the embedded store on "
                 "loopback and no providers")
      ->envname("ENRICH_CONFIG");

  CLI::App& config_command = *app.add_subcommand("config", "Configuration");
  config_command.require_subcommand(1);
  CLI::App& check = *config_command.add_subcommand(
      "check", "Print the effective configuration, or every mistake in it");
  std::string checked;
  check.add_option("file", checked, "Configuration file")->required();

  CLI::App& health = *app.add_subcommand(
      "healthcheck", "Ask a running gateway whether it is ready");
  health.fallthrough();
  std::string address;
  health.add_option("--address", address,
                    "Its admin address; by default that of --config, or "
                    "127.0.0.1:8082");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (check.parsed()) {
    return enrich::RunConfigCheck(checked, std::cout, std::cerr);
  }
  if (health.parsed()) {
    return enrich::RunHealthcheck({.address = address, .config_path = config},
                                  std::cerr);
  }
  return enrich::RunGateway(config, std::cerr);
}
