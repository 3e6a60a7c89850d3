#include "adapters/rest/load_checks.h"

#include "absl/strings/str_cat.h"
#include "adapters/rest/load_request.h"

namespace enrich::rest {
namespace {

// Where the parts of a variant stand.
struct VariantKeys {
  absl::string_view submit;
  absl::string_view webhook;
  absl::string_view poll;
};
constexpr VariantKeys kMany = {"submit", "webhook", "poll"};
constexpr VariantKeys kSingle = {"submit_single", "webhook_single",
                                 "poll_single"};

class VariantChecker {
 public:
  VariantChecker(LoadContext& context, const YamlNode& node,
                 const VariantKeys& keys, const Variant& variant)
      : context_(context), node_(node), keys_(keys), variant_(variant) {}

  void Run() {
    CheckDelivery();
    CheckPoll();
    if (variant_.webhook.has_value()) CheckWebhook(*variant_.webhook);
    if (variant_.submit.callback_required && !variant_.webhook.has_value()) {
      Report(keys_.submit, "callback", "needs a webhook that reads the push");
    }
    if (variant_.submit.job_none && !variant_.submit.sends_callback) {
      Report(keys_.submit, "job",
             "none leaves nothing to know the job by: send callback_url");
    }
  }

 private:
  // What a variant does not have of its own stands with the other.
  const YamlNode& Part(absl::string_view key, absl::string_view other) const {
    const YamlNode* part = node_.Find(key);
    if (part == nullptr) part = node_.Find(other);
    return part != nullptr ? *part : node_;
  }

  void Report(absl::string_view part, absl::string_view key, std::string text) {
    context_.ReportKey(Part(part, part), key, std::move(text));
  }

  // Whether a push brings results that count.
  bool pushes_results() const {
    return variant_.webhook.has_value() && variant_.webhook->trust_payload;
  }

  void CheckDelivery() {
    const SubmitPlan& submit = variant_.submit;
    if (submit.inline_always || variant_.poll.has_value()) return;
    if (!pushes_results()) {
      context_.ReportKey(node_, keys_.submit,
                         "has no way to get results: it needs inline: true, "
                         "poll, or a webhook with trust: payload");
    } else if (!submit.callback_required) {
      Report(keys_.submit, "callback",
             "must be required: without a push nothing reads the results");
    }
  }

  void CheckPoll() {
    if (!variant_.poll.has_value()) return;
    const YamlNode& poll = Part(keys_.poll, kMany.poll);
    if (variant_.submit.inline_always) {
      context_.Report(poll,
                      "is never used: inline: true has every result in "
                      "the answer");
    } else if (variant_.submit.job_none) {
      context_.Report(poll, "needs the id of a job, and submit has job: none");
    }
  }

  void CheckWebhook(const WebhookPlan& webhook) {
    const YamlNode& part = Part(keys_.webhook, kMany.webhook);
    const bool told = variant_.submit.sends_callback;
    // What stands for both kinds of request may serve one of them.
    const bool own = node_.Find(keys_.webhook) != nullptr;
    const bool covered =
        webhook.verify.has_value() && webhook.verify->covers_body();
    if (variant_.submit.inline_always) {
      context_.Report(part,
                      "is never used: inline: true has every result in "
                      "the answer");
    }
    if (webhook.trust_payload && !told && !covered) {
      context_.ReportKey(part, "trust",
                         "payload could come from anybody: send callback_url "
                         "with the request, or verify a signature over "
                         "raw_body");
    } else if (own && !told && !webhook.registered.has_value()) {
      context_.Report(part,
                      "is never called: the request does not send "
                      "callback_url, and no URL is registered");
    }
    if (webhook.registered.has_value()) CheckRegistered(part, told);
    if (!webhook.trust_payload && !variant_.poll.has_value()) {
      context_.ReportKey(part, "trust",
                         "hint needs poll, to read what the "
                         "push does not prove");
    }
  }

  // The push may be here before the reply that names the job.
  void CheckRegistered(const YamlNode& part, bool told) {
    const SubmitPlan& submit = variant_.submit;
    std::string problem;
    if (told) {
      problem = "has no use: the request sends callback_url";
    } else if (submit.job_none || submit.job_per_item.has_value()) {
      problem = "needs one job with an id, by which a push is told from others";
    } else if (!variant_.poll.has_value()) {
      problem = "needs poll: a push that comes before the job's id is lost";
    }
    if (!problem.empty()) {
      context_.ReportKey(part, "registered", std::move(problem));
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  const VariantKeys& keys_;
  const Variant& variant_;
};

// Where `match` stands.
void ReportMatch(LoadContext& context, const YamlNode& node, std::string text) {
  const YamlNode* result = node.Find("result");
  context.ReportKey(result != nullptr ? *result : node, "match",
                    std::move(text));
}

void CheckRefIsSent(LoadContext& context, const YamlNode& node,
                    absl::string_view key, const SubmitPlan& submit) {
  if (RequestMentions(submit.request, "ref")) return;
  ReportMatch(
      context, node,
      absl::StrCat("needs an echoed ref, and ", key, " does not send ref"));
}

void CheckSingle(LoadContext& context, const YamlNode& node,
                 const OperationPlan& plan) {
  const bool has_single = node.Find("submit_single") != nullptr;
  if (plan.min_batch > 1 && !has_single) {
    context.ReportKey(node, "submit_single",
                      "is required where batch.min is 2: how is one contact "
                      "asked for?");
  }
  if (plan.min_batch < 2 && has_single) {
    context.ReportKey(node, "submit_single", "is never used: batch.min is 1");
  }
  for (const absl::string_view key : {"webhook_single", "poll_single"}) {
    if (!has_single && node.Find(key) != nullptr) {
      context.ReportKey(node, key, "goes with submit_single only");
    }
  }
  if (plan.single.has_value() && plan.single->submit.callback_required &&
      !plan.many.submit.callback_required) {
    context.ReportKey(*node.Find("submit_single"), "callback",
                      "cannot be required where submit does without");
  }
}

void CheckErrors(LoadContext& context, const YamlNode& node,
                 const OperationPlan& plan, int max_contacts) {
  if (max_contacts == 1 || plan.single.has_value()) return;
  const YamlNode* errors = node.Find("errors");
  if (errors == nullptr || !errors->is_list()) return;
  for (size_t i = 0; i < errors->children().size(); ++i) {
    const ErrorRule& rule = plan.errors[i];
    if (rule.error_class != ErrorClass::kNotFound || !rule.on_submit) continue;
    context.ReportKey(*errors->children()[i], "class",
                      "NOT_FOUND of a submission is about one contact, and "
                      "this one has more: add on: poll");
  }
}

}  // namespace

void CheckExchanges(LoadContext& context, const YamlNode& node,
                    const OperationPlan& plan, int max_contacts) {
  VariantChecker(context, node, kMany, plan.many).Run();
  if (plan.single.has_value()) {
    VariantChecker(context, node, kSingle, *plan.single).Run();
  }
  CheckSingle(context, node, plan);
  CheckErrors(context, node, plan, max_contacts);
}

void CheckMatch(LoadContext& context, const YamlNode& node,
                const OperationPlan& plan, int max_contacts) {
  using Kind = MatchPlan::Kind;
  const auto pushed = [](const Variant& variant) {
    return variant.webhook.has_value() && variant.webhook->trust_payload;
  };
  switch (plan.result.match.kind) {
    case Kind::kRef:
      CheckRefIsSent(context, node, kMany.submit, plan.many.submit);
      if (plan.single.has_value()) {
        CheckRefIsSent(context, node, kSingle.submit, plan.single->submit);
      }
      break;
    case Kind::kPosition:
    case Kind::kPositionExpression:
      if (pushed(plan.many) ||
          (plan.single.has_value() && pushed(*plan.single))) {
        ReportMatch(context, node,
                    "by position is not believed in a push: match by "
                    "something echoed, or make the webhook a hint");
      }
      break;
    case Kind::kItemJob:
      if (!plan.many.submit.job_per_item.has_value()) {
        ReportMatch(context, node, "by item_job needs job_per_item in submit");
      }
      break;
    case Kind::kOnlyItem:
      if (max_contacts > 1) {
        ReportMatch(
            context, node,
            absl::StrCat(
                "only_item needs requests of one contact, and batch.max is ",
                max_contacts));
      }
      break;
    case Kind::kEcho:
      break;
  }
}

}  // namespace enrich::rest
