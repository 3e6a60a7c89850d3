#ifndef ENRICH_SIMULATOR_PLAYED_FIXTURE_H_
#define ENRICH_SIMULATOR_PLAYED_FIXTURE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/rest/fixture.h"
#include "http/http_message.h"
#include "model/credits.h"

// Recorded exchanges as the simulator plays them back; docs/provider-files.md
// describes their language. What only a test of the adapter needs of them is
// not read.
namespace enrich::simulator {

// What a step expects of one field of a contact.
struct PlayedField {
  // "found", "not_found" or "failed"
  std::string outcome = {};
  // Addresses of e-mails.
  std::vector<std::string> emails = {};
  // Of each phone, the ways in which it may be spelt.
  std::vector<std::vector<std::string>> phones = {};
  Credits credits = {};
};

// Of one contact.
struct PlayedItem {
  // Which one, in one of these ways.
  std::string ref = {};
  std::optional<int> index = {};
  std::string echo = {};
  // By the field's name in files.
  std::map<std::string, PlayedField> fields = {};
};

// What a step stands for: the members of `expect`, empty where not there.
struct PlayedExpect {
  bool accepted = false;
  Credits debited = {};
  std::string rejected = {};
  bool rate_limited = false;
  bool fetch = false;
  bool refused = false;
  bool job_unknown = false;
  bool drift = false;
  std::string phase = {};
  std::string cursor = {};
  std::optional<Credits> cost = {};
  std::optional<Credits> balance = {};
  std::vector<PlayedItem> items = {};
};

struct PlayedStep {
  using Kind = rest::FixtureStep::Kind;
  Kind kind = Kind::kSubmit;
  int line = 0;
  // Empty without a request. The path with its query.
  std::string method = {};
  std::string target = {};
  // JSON, or as it is written; empty without one.
  std::string request_body = {};
  // Of a webhook, what is pushed.
  HttpResponse answer = {};
  PlayedExpect expect = {};
};

struct PlayedFixture {
  // For messages.
  std::string file = {};
  std::string operation = {};
  // Of each contact, its inputs by name: with its `ref`, and with names both
  // whole and split.
  std::vector<std::map<std::string, std::string>> contacts = {};
  std::vector<PlayedStep> steps = {};
};

// INVALID_ARGUMENT, naming file and line, for a text that is no fixture.
absl::StatusOr<PlayedFixture> ReadPlayedFixture(absl::string_view text,
                                                const std::string& file);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PLAYED_FIXTURE_H_
