#ifndef ENRICH_SIMULATOR_PROVIDER_SCRIPT_H_
#define ENRICH_SIMULATOR_PROVIDER_SCRIPT_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/rest/plan.h"
#include "simulator/exchange_template.h"
#include "simulator/played_answer.h"
#include "simulator/played_fixture.h"

// A provider file and its fixtures, turned round: what the provider answers.
namespace enrich::simulator {

// How one variant of an operation answers. Each list is in the order of the
// fixtures; those that must not be empty are not.
struct PlayedVariant {
  const rest::OperationPlan* operation = nullptr;
  const rest::Variant* plan = nullptr;
  int min_contacts = 1;
  int max_contacts = 1;
  // Without a list, when the operation takes one contact.
  const RequestTemplate* request = nullptr;
  // Answers that have the results.
  std::vector<PlayedAnswer> inlines = {};
  // Answers that name a job; the one for the most contacts first.
  std::vector<PlayedAnswer> accepts = {};
  // Polls of a job that runs, that has ended, and that has failed.
  std::vector<PlayedAnswer> running = {};
  std::vector<PlayedAnswer> finished = {};
  std::vector<PlayedAnswer> failed = {};
  // Where `then` reads the results: the poll that says so.
  std::vector<PlayedAnswer> ready = {};
  // Pushes with results, and those that only announce them.
  std::vector<PlayedAnswer> pushes = {};
  std::vector<PlayedAnswer> hints = {};
  // What can be found of a contact, wherever one looks.
  std::set<Findings> findings = {};
  // Likewise of contacts of one request, which share an answer.
  std::set<Findings> shared_findings = {};

  // The answer that shows most; null for none.
  static const PlayedAnswer* Best(const std::vector<PlayedAnswer>& answers);
  // Whether polls and pushes both can give this.
  bool JobGives(const Findings& wanted) const;
  bool per_item() const { return plan->submit.job_per_item.has_value(); }
};

// What answers that are no success look like, by what they stand for.
struct PlayedErrors {
  // By the reason that the adapter gives.
  std::map<std::string, const PlayedStep*> rejected = {};
  const PlayedStep* rate_limited = nullptr;
  const PlayedStep* job_unknown = nullptr;
  // 500 or more.
  const PlayedStep* server = nullptr;
};

// Everything a provider file and its fixtures say. Immutable.
class ProviderScript {
 public:
  // Reads the file and its fixtures for an account with these secrets (their
  // own names where not given). INVALID_ARGUMENT, naming file, fixture and
  // reason, for what is wrong, and for what the fixtures do not show.
  static absl::StatusOr<std::unique_ptr<const ProviderScript>> Load(
      const std::string& file,
      const std::map<std::string, std::string>& secrets);

  // The id that a file has.
  static absl::StatusOr<std::string> IdOf(const std::string& file);

  const rest::Plan& plan() const { return *plan_; }
  const std::vector<PlayedVariant>& variants() const { return variants_; }
  // Of the operation; else, of any.
  const PlayedStep* Rejection(absl::string_view operation,
                              const std::string& reason) const;
  const PlayedErrors& errors() const { return errors_; }
  // An answer that is not what the contract says; null without a fixture.
  const PlayedStep* Drift(absl::string_view operation,
                          PlayedStep::Kind kind) const;
  const PlayedStep* balance() const { return balance_; }
  // Null for files without tokens.
  const PlayedStep* token() const { return token_; }
  // Null without a fixture.
  const PlayedStep* refused_token() const { return refused_token_; }

 private:
  friend class ScriptCompiler;

  std::string file_ = {};
  std::shared_ptr<const rest::Plan> plan_ = {};
  // Stays where it is: the answers point into it.
  std::vector<std::unique_ptr<const PlayedFixture>> fixtures_ = {};
  // By method and path.
  std::map<std::string, RequestTemplate> requests_ = {};
  std::vector<PlayedVariant> variants_ = {};
  std::map<std::string, PlayedErrors> operation_errors_ = {};
  PlayedErrors errors_ = {};
  const PlayedStep* balance_ = nullptr;
  const PlayedStep* token_ = nullptr;
  const PlayedStep* refused_token_ = nullptr;
};

// Whether a path, without the base URL's, is one that the request goes to.
bool IsPathOf(const rest::RequestPlan& request, absl::string_view path);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PROVIDER_SCRIPT_H_
