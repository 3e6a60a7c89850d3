#ifndef ENRICH_CLI_ENRICH_OPTIONS_H_
#define ENRICH_CLI_ENRICH_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/row_reader.h"
#include "cli/row_writer.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// What `enrichctl enrich` was asked to do.
struct EnrichOptions {
  // Paths; "-" is a standard stream.
  std::string in = "-";
  std::string out = "-";
  InputOptions input = {};
  OutputOptions output = {};

  // What is asked about every contact; see EnrichBatchRequest.
  std::vector<v1::ContactField> fields = {};
  std::vector<std::string> providers = {};
  v1::EmailQuality min_quality = v1::EMAIL_QUALITY_UNSPECIFIED;
  // Ceilings on the whole run, in the units of EnrichBatchRequest; each batch
  // gets the share of its contacts.
  std::map<std::string, int64_t> max_millicredits = {};
  int64_t max_cost_micros = 0;
  // Part of every request id: another one makes new batches.
  std::string run = {};
  // Buys what the gateway has bought before.
  bool no_cache = false;

  // Contacts per batch, and batches in flight at once.
  int64_t batch_size = 1000;
  int window = 4;
  // Rows are written as they arrive instead of in input order.
  bool unordered = false;
  // A saved state is discarded.
  bool restart = false;
  bool quiet = false;
  // The command line that continues an interrupted run.
  std::string command = {};

  bool has_ceilings() const {
    return !max_millicredits.empty() || max_cost_micros > 0;
  }
};

// Identifies the options that decide what the output looks like and which
// batches there are, as hexadecimal digits.
std::string DigestOf(const EnrichOptions& options);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ENRICH_OPTIONS_H_
