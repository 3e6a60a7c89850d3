#ifndef ENRICH_ADAPTERS_REST_FIXTURE_H_
#define ENRICH_ADAPTERS_REST_FIXTURE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/load.h"
#include "http/http_message.h"
#include "model/contact.h"

namespace enrich::rest {

struct FixtureRequest {
  std::string method = {};
  // Path and query below the base URL, or a whole URL.
  std::string url = {};
  // Those that must be there.
  HttpHeaders headers = {};
  // JSON, or the members of a form; empty for no body.
  std::string body = {};
  // Whether `body` is to be taken as it is written.
  bool raw = false;
};

// One exchange of a fixture: what is to be sent, what comes back, and what is
// to be made of it.
struct FixtureStep {
  enum class Kind { kSubmit, kPoll, kWebhook, kBalance, kToken };
  Kind kind = Kind::kSubmit;
  int line = 0;

  // The request that is expected. Without one, anything is.
  std::optional<FixtureRequest> request = {};
  // What comes back. Of a webhook, what is pushed.
  HttpResponse response = {};
  // Of a webhook: when it came, for signatures that age.
  absl::Time received = absl::UnixEpoch();
  // Of a poll: where to go on; that of the answer before without one.
  std::optional<std::string> cursor = {};
  // JSON, as docs/provider-files.md has it.
  std::string expect = {};
};

struct Fixture {
  std::string describe = {};
  std::string operation = {};
  std::string country = {};
  std::vector<Contact> contacts = {};
  std::vector<FixtureStep> steps = {};
};

// A parsed fixture, or what is wrong with its text.
struct FixtureText {
  std::optional<Fixture> fixture = {};
  std::vector<Mistake> mistakes = {};
};
FixtureText ParseFixture(absl::string_view text);

// "submit", "poll", ...
absl::string_view StepName(FixtureStep::Kind kind);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_FIXTURE_H_
