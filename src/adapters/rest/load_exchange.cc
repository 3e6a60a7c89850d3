#include "adapters/rest/load_exchange.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/rest/load_auth.h"
#include "adapters/rest/load_result.h"
#include "adapters/rest/load_words.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

using Kind = Placeholder::Kind;

// How the id of what was submitted is found.
class JobReader {
 public:
  JobReader(LoadContext& context, const YamlNode& node, SubmitPlan& plan)
      : context_(context), node_(node), plan_(plan) {}

  void Read() {
    const YamlNode* job = node_.Find("job");
    const YamlNode* per_item = node_.Find("job_per_item");
    const YamlNode* inline_results = node_.Find("inline");
    if (job != nullptr) ReadJob(*job);
    if (per_item != nullptr) ReadPerItem(*per_item);
    if (inline_results != nullptr) ReadInline(*inline_results);
    if (job != nullptr && per_item != nullptr) {
      context_.Report(*per_item,
                      "does not go with job: there is one way to "
                      "find the ids");
    }
    if (job == nullptr && per_item == nullptr && inline_results == nullptr) {
      context_.Report(node_,
                      "needs job, job_per_item or inline: where is the answer "
                      "found?");
    }
    CheckInline(job != nullptr ? job : per_item, inline_results);
  }

 private:
  void ReadJob(const YamlNode& job) {
    if (job.is_scalar() && job.text() == "none") {
      plan_.job_none = true;
    } else if (job.is_map()) {
      if (!context_.CheckMap(job, {"header"})) return;
      const YamlNode* header = context_.Require(job, "header");
      if (header == nullptr) return;
      plan_.job_header = context_.Text(*header).value_or("");
      if (!plan_.job_header.empty() && !IsHttpToken(plan_.job_header)) {
        context_.Report(*header, "is no name of a header");
      }
    } else if (!LoadContext::IsExpression(job)) {
      context_.Report(job,
                      "must be an expression such as \"= id\", {header: NAME} "
                      "or none");
    } else {
      plan_.job = context_.ReadExpression(job);
    }
  }

  void ReadPerItem(const YamlNode& node) {
    if (!context_.CheckMap(node, {"items", "id", "refused"})) return;
    const YamlNode* items = context_.Require(node, "items");
    const YamlNode* id = context_.Require(node, "id");
    auto refused = context_.ReadExpression(node.Find("refused"));
    if (items == nullptr || id == nullptr) return;
    auto list = context_.ReadExpression(*items);
    auto name = context_.ReadExpression(*id);
    if (!list.has_value() || !name.has_value()) return;
    plan_.job_per_item.emplace(
        SubmitPlan::PerItem{.items = *std::move(list),
                            .id = *std::move(name),
                            .refused = std::move(refused)});
  }

  void ReadInline(const YamlNode& node) {
    if (LoadContext::IsExpression(node)) {
      plan_.inline_when = context_.ReadExpression(node);
    } else if (context_.Flag(&node)) {
      plan_.inline_always = true;
    }
  }

  void CheckInline(const YamlNode* job, const YamlNode* inline_results) {
    const bool has_inline =
        plan_.inline_always || plan_.inline_when.has_value();
    if (plan_.inline_always && job != nullptr) {
      context_.Report(*job,
                      "is never used: inline: true has every result in the "
                      "answer");
    }
    if (plan_.inline_when.has_value() && job == nullptr) {
      context_.Report(*inline_results,
                      "needs a job too: the id for when the results are not "
                      "there yet");
    }
    const YamlNode* results = node_.Find("results");
    if (has_inline && results == nullptr) {
      context_.ReportKey(node_, "results", "is required with inline");
    }
    for (const absl::string_view key : {"results", "cost"}) {
      if (!has_inline && node_.Find(key) != nullptr) {
        context_.ReportKey(node_, key, "goes with inline only");
      }
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  SubmitPlan& plan_;
};

class PollReader {
 public:
  PollReader(LoadContext& context, const YamlNode& node,
             const CommonRequest& common, PollSpec& times)
      : context_(context), node_(node), common_(common), times_(times) {}

  std::optional<PollPlan> Read() {
    if (!context_.CheckMap(
            node_, {"get", "post", "query", "headers", "body", "body_format",
                    "first", "every", "give_up", "state", "done", "results",
                    "results_while_running", "then", "next", "cost"})) {
      return std::nullopt;
    }
    ReadTimes();
    ReadState();
    plan_.next = context_.ReadExpression(node_.Find("next"));
    plan_.cost = context_.ReadExpression(node_.Find("cost"));
    ReadPollResults();
    const YamlNode* then = node_.Find("then");
    auto request = ReadOf(node_, plan_.next.has_value());
    if (then != nullptr) ReadThen(*then);
    if (!request.has_value()) return std::nullopt;
    plan_.request = *std::move(request);
    plan_.reads_all_jobs = RequestHas(plan_.request, Kind::kJobs) ||
                           RequestMentions(plan_.request, "jobs");
    return std::move(plan_);
  }

 private:
  void ReadTimes() {
    const auto read = [this](absl::string_view key, absl::Duration least,
                             absl::Duration most, absl::Duration& out) {
      if (const YamlNode* value = node_.Find(key)) {
        out = context_.Duration(*value, least, most).value_or(out);
      }
    };
    const absl::Duration month = absl::Hours(24 * 31);
    read("first", absl::Seconds(1), month, times_.first_after);
    read("every", absl::Seconds(1), month, times_.interval);
    read("give_up", absl::Minutes(1), month, times_.give_up_after);
    if (times_.give_up_after < times_.first_after) {
      context_.ReportKey(node_, "give_up", "is before the first look");
    }
  }

  void ReadState() {
    const YamlNode* state = node_.Find("state");
    const YamlNode* done = node_.Find("done");
    if (state != nullptr && done != nullptr) {
      context_.Report(*done, "does not go with state: one says when it ends");
    }
    if (state != nullptr) {
      plan_.state = context_.ReadExpression(*state);
      if (plan_.state.has_value()) {
        CheckJobStates(context_, *state, *plan_.state);
      }
    }
    plan_.done = context_.ReadExpression(done);
  }

  void ReadPollResults() {
    plan_.results = ReadResultLists(context_, node_.Find("results"));
    plan_.results_while_running =
        context_.Flag(node_.Find("results_while_running"));
    const bool has_results = node_.Find("results") != nullptr;
    if (!has_results && node_.Find("then") == nullptr) {
      context_.ReportKey(node_, "results", "is required, or then");
    }
    if (!has_results && plan_.results_while_running) {
      context_.ReportKey(node_, "results_while_running", "needs results");
    }
  }

  std::optional<RequestPlan> ReadOf(const YamlNode& node, bool pages) {
    auto request = ReadRequest(context_, node, common_, {.job = true});
    if (!request.has_value()) return request;
    if (!RequestHas(*request, Kind::kJob) &&
        !RequestHas(*request, Kind::kJobs) &&
        !RequestMentions(*request, "job") &&
        !RequestMentions(*request, "jobs")) {
      context_.Report(node,
                      "does not say which job: put {job} into the path, or "
                      "\"= job\" into query or body");
    }
    if (pages && !RequestMentions(*request, "cursor")) {
      context_.ReportKey(node, "next",
                         "needs a request that uses cursor, or it would read "
                         "the first page for ever");
    }
    return request;
  }

  void ReadThen(const YamlNode& node) {
    if (!context_.CheckMap(node, {"get", "post", "query", "headers", "body",
                                  "body_format", "results", "next", "cost"})) {
      return;
    }
    if (!plan_.state.has_value() && !plan_.done.has_value()) {
      context_.Report(node, "needs state or done: when has the job ended?");
    }
    PollPlan::Then then;
    then.next = context_.ReadExpression(node.Find("next"));
    then.cost = context_.ReadExpression(node.Find("cost"));
    if (const YamlNode* results = context_.Require(node, "results")) {
      then.results = ReadResultLists(context_, results);
    }
    if (auto request = ReadOf(node, then.next.has_value())) {
      then.request = *std::move(request);
      plan_.then = std::move(then);
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  const CommonRequest& common_;
  PollSpec& times_;
  PollPlan plan_;
};

class WebhookReader {
 public:
  WebhookReader(LoadContext& context, const YamlNode& node)
      : context_(context), node_(node) {}

  std::optional<WebhookPlan> Read() {
    if (!context_.CheckMap(
            node_, {"trust", "verify", "registered", "events", "only", "job",
                    "results", "scope", "state", "cost"})) {
      return std::nullopt;
    }
    ReadTrust();
    if (const YamlNode* verify = node_.Find("verify")) {
      plan_.verify = ReadVerify(context_, *verify);
    }
    if (const YamlNode* registered = node_.Find("registered")) {
      plan_.registered = ReadPlace(context_, *registered);
    }
    plan_.events = context_.ReadExpression(node_.Find("events"));
    plan_.only = context_.ReadExpression(node_.Find("only"));
    plan_.job = context_.ReadExpression(node_.Find("job"));
    plan_.results = ReadResultLists(context_, node_.Find("results"));
    plan_.cost = context_.ReadExpression(node_.Find("cost"));
    ReadScope();
    return std::move(plan_);
  }

 private:
  void ReadTrust() {
    const YamlNode* trust = context_.Require(node_, "trust");
    if (trust == nullptr) return;
    plan_.trust_payload = trust->text() == "payload";
    if (!plan_.trust_payload && trust->text() != "hint") {
      return context_.Report(*trust, "must be payload or hint");
    }
    if (plan_.trust_payload) {
      context_.Require(node_, "results");
      return;
    }
    for (const absl::string_view key : {"results", "state", "cost", "scope"}) {
      if (node_.Find(key) != nullptr) {
        context_.ReportKey(node_, key,
                           "is not read: a hint only makes us fetch the job");
      }
    }
  }

  void ReadScope() {
    if (const YamlNode* scope = node_.Find("scope")) {
      plan_.batch_scope = scope->text() == "batch";
      if (!plan_.batch_scope && scope->text() != "item") {
        context_.Report(*scope, "must be item or batch");
      }
    }
    const YamlNode* state = node_.Find("state");
    if (state == nullptr) return;
    if (plan_.trust_payload && !plan_.batch_scope) {
      context_.Report(*state, "goes with scope: batch only");
    }
    plan_.state = context_.ReadExpression(*state);
    if (plan_.state.has_value()) CheckJobStates(context_, *state, *plan_.state);
  }

  LoadContext& context_;
  const YamlNode& node_;
  WebhookPlan plan_;
};

}  // namespace

std::optional<SubmitPlan> ReadSubmit(LoadContext& context, const YamlNode& node,
                                     const CommonRequest& common) {
  if (!context.CheckMap(
          node, {"get", "post", "put", "query", "headers", "body",
                 "body_format", "callback", "accept", "job", "job_per_item",
                 "inline", "results", "debited", "cost"})) {
    return std::nullopt;
  }
  SubmitPlan plan;
  if (const YamlNode* callback = node.Find("callback")) {
    plan.callback_required = callback->text() == "required";
    if (!plan.callback_required) {
      context.Report(*callback, "must be required, or be left out");
    }
  }
  plan.accept = context.ReadExpression(node.Find("accept"));
  plan.results = ReadResultLists(context, node.Find("results"));
  plan.debited = context.ReadExpression(node.Find("debited"));
  plan.cost = context.ReadExpression(node.Find("cost"));
  JobReader(context, node, plan).Read();
  auto request =
      ReadRequest(context, node, common,
                  {.methods = {"get", "post", "put"}, .submission = true});
  if (!request.has_value()) return std::nullopt;
  plan.request = *std::move(request);
  plan.sends_callback = RequestHas(plan.request, Kind::kCallbackUrl) ||
                        RequestMentions(plan.request, "callback_url");
  return plan;
}

std::optional<WebhookPlan> ReadWebhook(LoadContext& context,
                                       const YamlNode& node) {
  return WebhookReader(context, node).Read();
}

std::optional<PollPlan> ReadPoll(LoadContext& context, const YamlNode& node,
                                 const CommonRequest& common, PollSpec& times) {
  return PollReader(context, node, common, times).Read();
}

std::optional<BalancePlan> ReadBalance(LoadContext& context,
                                       const YamlNode& node,
                                       const CommonRequest& common) {
  if (!context.CheckMap(node, {"get", "post", "query", "headers", "body",
                               "body_format", "value"})) {
    return std::nullopt;
  }
  const YamlNode* value = context.Require(node, "value");
  auto request = ReadRequest(context, node, common, {});
  if (value == nullptr) return std::nullopt;
  auto expression = context.ReadExpression(*value);
  if (!request.has_value() || !expression.has_value()) return std::nullopt;
  return BalancePlan{.request = *std::move(request),
                     .value = *std::move(expression)};
}

}  // namespace enrich::rest
