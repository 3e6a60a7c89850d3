#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load.h"
#include "adapters/rest/yaml_node.h"
#include "base/status_macros.h"
#include "simulator/played_request.h"
#include "simulator/provider_script.h"
#include "simulator/url_text.h"

// Makes a ProviderScript: sorts the steps of the fixtures by what they show,
// and holds it against what the file needs.
namespace enrich::simulator {
namespace {

using rest::MatchPlan;
using rest::OperationPlan;
using Kind = PlayedStep::Kind;

// Where requests go while the file is played: only paths count.
constexpr absl::string_view kBase = "https://played.example";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::ifstream in(path);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

absl::string_view QueryIn(absl::string_view target) {
  const size_t mark = target.find('?');
  return mark == absl::string_view::npos ? "" : target.substr(mark + 1);
}

// The path that a request without placeholders in it goes to, else its begin.
std::string PathOf(const rest::RequestPlan& request) {
  std::string url;
  for (const auto& part : request.url.parts) {
    const auto* text = std::get_if<std::string>(&part);
    if (text == nullptr) break;
    absl::StrAppend(&url, *text);
  }
  return PathIn(url);
}

std::string RequestKey(absl::string_view method, absl::string_view path) {
  return absl::StrCat(method, " ", path);
}

}  // namespace

class ScriptCompiler {
 public:
  ScriptCompiler(const std::string& file, ProviderScript& script)
      : file_(file), script_(script) {}

  absl::Status Run(const std::map<std::string, std::string>& secrets) {
    RETURN_IF_ERROR(LoadPlan(secrets));
    RETURN_IF_ERROR(LoadFixtures());
    RETURN_IF_ERROR(LearnRequests());
    for (const OperationPlan& operation : script_.plan_->operations) {
      RETURN_IF_ERROR(AddVariants(operation));
    }
    CollectOthers();
    return script_.plan_->token.has_value() && script_.token_ == nullptr
               ? Wrong("no fixture shows a token that is issued")
               : absl::OkStatus();
  }

 private:
  absl::Status Wrong(absl::string_view text) const {
    return absl::InvalidArgumentError(absl::StrCat(file_, ": ", text));
  }

  absl::Status LoadPlan(const std::map<std::string, std::string>& secrets) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file_));
    AccountConfig account = rest::FixtureAccount(text);
    account.base_url = std::string(kBase);
    for (const auto& [name, value] : secrets) {
      if (name == "api_key") {
        account.api_key = Secret(value);
      } else {
        account.secrets.insert_or_assign(name, Secret(value));
      }
    }
    rest::LoadResult loaded = rest::Load(text, account);
    if (loaded.plan == nullptr || !loaded.mistakes.empty()) {
      return absl::InvalidArgumentError(
          rest::FormatMistakes(file_, loaded.mistakes));
    }
    script_.plan_ = std::move(loaded.plan);
    return absl::OkStatus();
  }

  absl::Status LoadFixtures() {
    const size_t slash = file_.rfind('/');
    const std::string folder =
        slash == std::string::npos ? "" : file_.substr(0, slash + 1);
    for (const std::string& test : script_.plan_->tests) {
      ASSIGN_OR_RETURN(const std::string text,
                       ReadFile(absl::StrCat(folder, test)));
      ASSIGN_OR_RETURN(PlayedFixture fixture, ReadPlayedFixture(text, test));
      script_.fixtures_.push_back(
          std::make_unique<const PlayedFixture>(std::move(fixture)));
    }
    return absl::OkStatus();
  }

  // ---- Requests -------------------------------------------------------------

  absl::Status LearnRequests() {
    for (const auto& fixture : script_.fixtures_) {
      for (const PlayedStep& step : fixture->steps) {
        if (step.kind != Kind::kSubmit || step.method.empty()) continue;
        RETURN_IF_ERROR(LearnRequest(*fixture, step));
      }
    }
    return absl::OkStatus();
  }

  absl::Status LearnRequest(const PlayedFixture& fixture,
                            const PlayedStep& step) {
    const json::Document body = BodyDocument(step.request_body);
    absl::Status learnt =
        script_.requests_[RequestKey(step.method, PathIn(step.target))].Learn(
            body.root(), ParseParameters(QueryIn(step.target)),
            fixture.contacts,
            absl::StrCat("https://gateway.example/v1/webhooks/",
                         script_.plan_->id, "/token"),
            "fx");
    if (learnt.ok()) return learnt;
    return Wrong(
        absl::StrCat(fixture.file, ":", step.line, ": ", learnt.message()));
  }

  // ---- Variants -------------------------------------------------------------

  absl::Status AddVariants(const OperationPlan& operation) {
    const OperationSpec& spec = *script_.plan_->capabilities.Find(operation.id);
    PlayedVariant many{.operation = &operation,
                       .plan = &operation.many,
                       .min_contacts = operation.min_batch,
                       .max_contacts = spec.max_contacts};
    RETURN_IF_ERROR(AddVariant(std::move(many)));
    if (!operation.single.has_value()) return absl::OkStatus();
    return AddVariant({.operation = &operation, .plan = &*operation.single});
  }

  absl::Status AddVariant(PlayedVariant variant) {
    for (const auto& fixture : script_.fixtures_) {
      if (fixture->operation != variant.operation->id) continue;
      const int contacts = static_cast<int>(fixture->contacts.size());
      if (&variant.operation->VariantFor(contacts) != variant.plan) continue;
      AddFixture(*fixture, variant);
    }
    AddHints(variant);
    const std::string key = RequestKey(variant.plan->submit.request.method,
                                       PathOf(variant.plan->submit.request));
    const auto request = script_.requests_.find(key);
    if (request == script_.requests_.end()) {
      return Lacks(variant, absl::StrCat("the request ", key));
    }
    variant.request = &request->second;
    RETURN_IF_ERROR(Check(variant));
    script_.variants_.push_back(std::move(variant));
    return absl::OkStatus();
  }

  // A push that only announces something says nothing of the operation: any
  // of the file's will do.
  void AddHints(PlayedVariant& variant) {
    const auto& webhook = variant.plan->webhook;
    if (!webhook.has_value() || webhook->trust_payload) return;
    for (const auto& fixture : script_.fixtures_) {
      for (const PlayedStep& step : fixture->steps) {
        if (step.kind != Kind::kWebhook || !step.expect.fetch) continue;
        if (step.expect.drift || !variant.hints.empty()) continue;
        std::vector<std::string> ids = FirstJobIds(*fixture, variant);
        variant.hints.push_back(LearnAnswer(
            *fixture, step, ids, *variant.operation, variant.plan->submit));
      }
    }
  }

  absl::Status Lacks(const PlayedVariant& variant,
                     absl::string_view what) const {
    return Wrong(absl::StrCat(
        "operation ", variant.operation->id, " for ",
        variant.max_contacts == 1 ? "one contact" : "several contacts",
        ": no fixture shows ", what));
  }

  static std::vector<std::string> FirstJobIds(const PlayedFixture& fixture,
                                              const PlayedVariant& variant) {
    for (const PlayedStep& step : fixture.steps) {
      if (step.kind == Kind::kSubmit && step.expect.accepted) {
        return JobIdsOf(variant.plan->submit, step.answer);
      }
    }
    return {};
  }

  static void AddFixture(const PlayedFixture& fixture, PlayedVariant& variant) {
    const std::vector<std::string> job_ids = FirstJobIds(fixture, variant);
    for (const PlayedStep& step : fixture.steps) {
      if (step.expect.drift || step.expect.refused) continue;
      std::vector<PlayedAnswer>* list = ListOf(step, fixture, variant);
      if (list == nullptr) continue;
      list->push_back(LearnAnswer(fixture, step, job_ids, *variant.operation,
                                  variant.plan->submit));
    }
  }

  static std::vector<PlayedAnswer>* ListOf(const PlayedStep& step,
                                           const PlayedFixture& fixture,
                                           PlayedVariant& variant) {
    const PlayedExpect& expect = step.expect;
    const bool good = SaysOnlyGood(expect);
    switch (step.kind) {
      case Kind::kSubmit:
        if (expect.accepted) return &variant.accepts;
        return expect.phase == "finished" && good && step.answer.status < 300
                   ? &variant.inlines
                   : nullptr;
      case Kind::kPoll:
        return ListOfPoll(step, good, variant);
      case Kind::kWebhook:
        if (expect.fetch) return &variant.hints;
        if (!good || !variant.plan->webhook.has_value()) return nullptr;
        return variant.plan->webhook->batch_scope || expect.items.size() == 1 ||
                       fixture.contacts.size() == 1
                   ? &variant.pushes
                   : nullptr;
      case Kind::kBalance:
      case Kind::kToken:
        break;
    }
    return nullptr;
  }

  static bool SaysOnlyGood(const PlayedExpect& expect) {
    return std::any_of(expect.items.begin(), expect.items.end(), IsGood);
  }

  static std::vector<PlayedAnswer>* ListOfPoll(const PlayedStep& step,
                                               bool good,
                                               PlayedVariant& variant) {
    const PlayedExpect& expect = step.expect;
    const bool per_item = variant.plan->submit.job_per_item.has_value() &&
                          !variant.plan->poll->reads_all_jobs;
    if (per_item && good) return &variant.finished;
    if (expect.phase == "finished") {
      return good && expect.cursor.empty() ? &variant.finished : nullptr;
    }
    if (expect.phase == "failed" || expect.phase == "cancelled") {
      return &variant.failed;
    }
    if (expect.phase != "running") return nullptr;
    if (expect.cursor.empty() || per_item) return &variant.running;
    return variant.plan->poll->then.has_value() && expect.items.empty()
               ? &variant.ready
               : nullptr;
  }

  // ---- Checks ---------------------------------------------------------------

  absl::Status Check(PlayedVariant& variant) const {
    const rest::SubmitPlan& submit = variant.plan->submit;
    if (variant.operation->result.match.kind ==
        MatchPlan::Kind::kPositionExpression) {
      return Wrong(absl::StrCat("operation ", variant.operation->id,
                                ": contacts that are told apart by an index "
                                "in the answer cannot be played"));
    }
    if (variant.max_contacts > 1) DropLonely(variant);
    if (submit.has_job()) {
      RETURN_IF_ERROR(CheckJob(variant));
    } else if (variant.inlines.empty()) {
      return Lacks(variant, "an answer with results");
    }
    CollectFindings(variant);
    const bool none =
        variant.findings.empty() ||
        (variant.max_contacts > 1 && variant.shared_findings.empty());
    return none ? Lacks(variant, "the same outcome wherever it can be read")
                : absl::OkStatus();
  }

  // Answers of one contact do not show what several look like.
  static void DropLonely(PlayedVariant& variant) {
    const bool per_item = variant.plan->submit.job_per_item.has_value();
    const auto lonely = [](const PlayedAnswer& answer) {
      return !answer.body.has_list() || answer.fixture->contacts.size() < 2;
    };
    if (per_item) {
      std::erase_if(variant.accepts, lonely);
      return;
    }
    std::erase_if(variant.inlines, lonely);
    std::erase_if(variant.finished, lonely);
    std::erase_if(variant.running, [](const PlayedAnswer& answer) {
      return answer.body.has_list() && answer.fixture->contacts.size() < 2;
    });
    const bool batch =
        variant.plan->webhook.has_value() && variant.plan->webhook->batch_scope;
    if (batch) std::erase_if(variant.pushes, lonely);
  }

  absl::Status CheckJob(const PlayedVariant& variant) const {
    if (variant.accepts.empty())
      return Lacks(variant, "a job that is accepted");
    if (variant.plan->poll.has_value() && variant.finished.empty()) {
      return Lacks(variant, "a poll of a job that has ended");
    }
    if (variant.plan->poll.has_value() &&
        variant.plan->poll->then.has_value() && variant.ready.empty()) {
      return Lacks(variant, "the poll that leads to the results");
    }
    if (!variant.plan->webhook.has_value()) return absl::OkStatus();
    if (variant.plan->webhook->trust_payload && variant.pushes.empty()) {
      return Lacks(variant, "a push with results");
    }
    if (!variant.plan->webhook->trust_payload && variant.hints.empty()) {
      return Lacks(variant, "a push");
    }
    return absl::OkStatus();
  }

  static std::set<Findings> AllOf(const std::vector<PlayedAnswer>& answers) {
    std::set<Findings> all;
    for (const PlayedAnswer& answer : answers) {
      for (const auto& [contact, found] : answer.findings) all.insert(found);
    }
    return all;
  }

  // Polls and pushes must agree; what comes at once is by itself.
  static void CollectFindings(PlayedVariant& variant) {
    variant.findings = AllOf(variant.inlines);
    for (const auto* answers : {&variant.finished, &variant.pushes}) {
      for (const Findings& found : AllOf(*answers)) {
        if (variant.JobGives(found)) variant.findings.insert(found);
      }
    }
    variant.shared_findings = variant.findings;
    const bool batch =
        variant.plan->webhook.has_value() && variant.plan->webhook->batch_scope;
    if (variant.per_item()) return;
    KeepShown(variant.inlines, variant.shared_findings);
    KeepShown(variant.finished, variant.shared_findings);
    if (batch) KeepShown(variant.pushes, variant.shared_findings);
  }

  // Keeps what the answer that shows most gives.
  static void KeepShown(const std::vector<PlayedAnswer>& answers,
                        std::set<Findings>& findings) {
    const PlayedAnswer* best = PlayedVariant::Best(answers);
    if (best == nullptr) return;
    std::erase_if(findings, [best](const Findings& found) {
      return best->With(found).empty();
    });
  }

  // ---- Errors, balances, tokens ---------------------------------------------

  void CollectOthers() {
    for (const auto& fixture : script_.fixtures_) {
      for (const PlayedStep& step : fixture->steps) {
        if (step.kind == Kind::kBalance && script_.balance_ == nullptr) {
          script_.balance_ = &step;
        }
        if (step.kind == Kind::kToken) {
          const PlayedStep*& place = step.answer.status < 300
                                         ? script_.token_
                                         : script_.refused_token_;
          if (place == nullptr) place = &step;
        }
        AddError(step, script_.errors_);
        AddError(step, script_.operation_errors_[fixture->operation]);
      }
    }
  }

  static void AddError(const PlayedStep& step, PlayedErrors& errors) {
    const auto set_once = [&step](const PlayedStep*& place) {
      if (place == nullptr) place = &step;
    };
    if (step.kind == Kind::kPoll && step.expect.job_unknown) {
      set_once(errors.job_unknown);
    }
    if (step.kind != Kind::kSubmit) return;
    if (!step.expect.rejected.empty()) {
      errors.rejected.emplace(step.expect.rejected, &step);
    }
    if (step.expect.rate_limited) set_once(errors.rate_limited);
    if (step.answer.status >= 500) set_once(errors.server);
  }

  const std::string& file_;
  ProviderScript& script_;
};

absl::StatusOr<std::string> ProviderScript::IdOf(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const rest::YamlDocument document = rest::ReadYamlTree(text);
  const rest::YamlNode* id =
      document.root == nullptr ? nullptr : document.root->Find("id");
  if (id == nullptr || id->text().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": has no id"));
  }
  return id->text();
}

absl::StatusOr<std::unique_ptr<const ProviderScript>> ProviderScript::Load(
    const std::string& file,
    const std::map<std::string, std::string>& secrets) {
  auto script = std::make_unique<ProviderScript>();
  script->file_ = file;
  RETURN_IF_ERROR(ScriptCompiler(file, *script).Run(secrets));
  return script;
}

}  // namespace enrich::simulator
