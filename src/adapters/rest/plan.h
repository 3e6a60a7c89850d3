#ifndef ENRICH_ADAPTERS_REST_PLAN_H_
#define ENRICH_ADAPTERS_REST_PLAN_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "base/secret.h"
#include "expression/expression.h"
#include "model/credits.h"
#include "model/field.h"
#include "provider/adapter.h"

// A provider file as it was compiled: everything is resolved, checked and
// immutable. docs/provider-files.md is the meaning of every part.
namespace enrich::rest {

using expression::Expression;

// ---- Parts of requests ------------------------------------------------------

// A text with placeholders. Secrets and the account are filled in when the file
// is compiled for an account; these are left.
struct Placeholder {
  enum class Kind { kCallbackUrl, kReference, kJob, kJobs };
  Kind kind = Kind::kReference;
};
struct Template {
  std::vector<std::variant<std::string, Placeholder>> parts = {};
  // Holds a secret: not to be shown.
  bool secret = false;
};

// A tree of a body: JSON text that is written as it is, an expression, or a
// container of such.
struct BodyNode {
  struct Member;
  // JSON of a literal.
  std::string literal = {};
  std::optional<Expression> expression = {};
  // Without an initialiser: Member is not complete yet.
  std::vector<Member> members;
  std::vector<BodyNode> elements = {};
  enum class Kind { kLiteral, kExpression, kObject, kArray, kSecret };
  Kind kind = Kind::kLiteral;
  // Of kSecret: `auth.body`.
  Template text = {};
};
struct BodyNode::Member {
  std::string key = {};
  BodyNode value = {};
};

enum class BodyFormat { kJson, kForm };

// A value of a query or a form: a literal or an expression.
struct Parameter {
  std::string name = {};
  std::variant<Template, Expression> value = {};
};

struct RequestPlan {
  std::string method = {};
  // Whole URL.
  Template url = {};
  std::vector<Parameter> query = {};
  // Those of `headers` and `auth` included.
  std::vector<std::pair<std::string, Template>> headers = {};
  std::optional<BodyNode> body = {};
  BodyFormat format = BodyFormat::kJson;
};

// ---- Parts of answers -------------------------------------------------------

enum class ItemState {
  kFound,
  kNotFound,
  kPending,
  kAbsent,
  kFailed,
  kInvalidInput,
  kOutOfCredits,
};

// One list of elements.
struct ResultList {
  Expression at;
  // Instead of what `result` says.
  std::optional<ItemState> state = {};
};
using ResultLists = std::vector<ResultList>;

struct FieldPlan {
  ContactField field = ContactField::kWorkEmail;
  Credits price = {};
  std::optional<Expression> state = {};
  // Of e-mails or phones, as the field is.
  std::optional<Expression> values = {};
  std::optional<Expression> credits = {};
  // Alternatives, each a conjunction of disjunctions of inputs.
  std::vector<std::vector<std::vector<std::string>>> requires_inputs = {};
};

struct ProfilePlan {
  std::optional<Expression> full_name = {};
  std::optional<Expression> job_title = {};
  std::optional<Expression> location = {};
  std::optional<Expression> linkedin_url = {};
  std::optional<Expression> company_name = {};
  std::optional<Expression> company_domain = {};
  std::optional<Expression> company_industry = {};
  std::optional<Expression> company_headcount = {};
};

struct MatchPlan {
  enum class Kind {
    kRef,
    kPosition,
    kPositionExpression,
    kItemJob,
    kEcho,
    kOnlyItem
  };
  Kind kind = Kind::kRef;
  // Of all but kPosition and kOnlyItem.
  std::optional<Expression> value = {};
  // Of kEcho.
  InputEcho::Input input = InputEcho::Input::kEmail;
};

struct ResultPlan {
  MatchPlan match = {};
  std::vector<FieldPlan> fields = {};
  std::optional<ProfilePlan> profile = {};
};

// When something is to be tried again, in one of the market's notations.
struct RetryReader {
  enum class Form {
    kSeconds,
    kMilliseconds,
    kEpochSeconds,
    kEpochMilliseconds,
    kHttpDate,
    kIso8601,
    kJavascriptDate
  };
  // One of these.
  std::string header = {};
  std::optional<Expression> value = {};
  Form form = Form::kSeconds;
};

// "This header is at 0": pause until `reset`.
struct RemainingReader {
  std::string header = {};
  RetryReader reset = {};
};

enum class ErrorClass {
  kBadCredentials,
  kOutOfCredits,
  kRefused,
  kInvalidInput,
  kRateLimited,
  kCallAgain,
  kNotFound,
  kUnavailable,
  kRunning,
  kJobUnknown,
};

struct ErrorRule {
  // Ranges of statuses, bounds included; empty for any.
  std::vector<std::pair<int, int>> http = {};
  std::string header = {};
  std::optional<std::string> header_is = {};
  std::optional<Expression> when = {};
  bool on_submit = true;
  bool on_poll = true;
  ErrorClass error_class = ErrorClass::kUnavailable;
  std::optional<Expression> text = {};
  std::optional<Expression> item = {};
  std::optional<absl::Duration> retry_after = {};
  // Where it stands, for `explain`.
  int line = 0;
};

// ---- Operations -------------------------------------------------------------

struct SubmitPlan {
  RequestPlan request = {};
  bool callback_required = false;
  // The request carries `callback_url` somewhere.
  bool sends_callback = false;
  std::optional<Expression> accept = {};
  // How the job's id is found: at most one of the first three.
  std::optional<Expression> job = {};
  std::string job_header = {};
  struct PerItem {
    Expression items;
    Expression id;
    std::optional<Expression> refused = {};
  };
  std::optional<PerItem> job_per_item = {};
  bool job_none = false;
  // The answer has the results: always, or when the expression is true.
  bool inline_always = false;
  std::optional<Expression> inline_when = {};
  ResultLists results = {};
  std::optional<Expression> debited = {};
  std::optional<Expression> cost = {};

  bool has_job() const {
    return job.has_value() || !job_header.empty() || job_per_item.has_value() ||
           job_none;
  }
};

struct SignaturePlan {
  struct Source {
    enum class Kind { kRawBody, kUrlPath, kHeader, kBodyPointer, kText };
    Kind kind = Kind::kRawBody;
    // Header, pointer or text.
    std::string name = {};

    bool operator==(const Source&) const = default;
  };
  enum class Kind { kHmacSha1, kHmacSha256, kEquals };
  Kind kind = Kind::kHmacSha256;
  // The keys that are accepted: the present one and those before it.
  std::vector<Secret> keys = {};
  std::vector<Source> over = {};
  Source signature = {};
  bool base64 = false;
  std::string prefix = {};
  bool lowercase = false;
  // Of kEquals: one of these must be at `signature`.
  std::vector<Secret> values = {};
  // Where the signed text says when it was signed, and how far from now that
  // may be.
  std::optional<Source> time = {};
  absl::Duration max_age = absl::InfiniteDuration();

  bool covers_body() const;
};

struct WebhookPlan {
  bool trust_payload = false;
  std::optional<SignaturePlan> verify = {};
  // Where a push to the URL registered with the account names its job; unset
  // where the request tells the URL.
  std::optional<SignaturePlan::Source> registered = {};
  std::optional<Expression> events = {};
  std::optional<Expression> only = {};
  std::optional<Expression> job = {};
  ResultLists results = {};
  bool batch_scope = false;
  std::optional<Expression> state = {};
  std::optional<Expression> cost = {};
};

struct PollPlan {
  RequestPlan request = {};
  // The path has {jobs}: one call reads all of them.
  bool reads_all_jobs = false;
  std::optional<Expression> state = {};
  std::optional<Expression> done = {};
  ResultLists results = {};
  bool results_while_running = false;
  std::optional<Expression> next = {};
  std::optional<Expression> cost = {};
  struct Then {
    RequestPlan request = {};
    ResultLists results = {};
    std::optional<Expression> next = {};
    std::optional<Expression> cost = {};
  };
  std::optional<Then> then = {};
};

// What may differ between a request of one contact and one of many.
struct Variant {
  SubmitPlan submit = {};
  std::optional<WebhookPlan> webhook = {};
  std::optional<PollPlan> poll = {};
};

struct OperationPlan {
  std::string id = {};
  // The smallest batch that `many` takes; below it `single` is used.
  int min_batch = 1;
  Variant many = {};
  std::optional<Variant> single = {};
  ResultPlan result = {};
  // The operation's, then the provider's.
  std::vector<ErrorRule> errors = {};

  const Variant& VariantFor(int items) const {
    return single.has_value() && items < min_batch ? *single : many;
  }
};

struct BalancePlan {
  RequestPlan request = {};
  Expression value;
};

struct TokenPlan {
  RequestPlan request = {};
  Expression token;
  std::optional<Expression> lifetime = {};
};

struct Plan {
  std::string id = {};
  std::string description = {};
  // The account's, or the file's; without a slash at its end.
  std::string base_url = {};
  Capabilities capabilities = {};
  std::vector<OperationPlan> operations = {};
  std::vector<RetryReader> retry_after = {};
  std::vector<RemainingReader> remaining = {};
  std::optional<BalancePlan> balance = {};
  std::optional<TokenPlan> token = {};
  // Of the account, for expressions.
  std::string account_name = {};
  std::string account_country = {};
  // What tools must not show.
  std::vector<std::string> redact = {};
  // Fixture files, relative to the file's folder.
  std::vector<std::string> tests = {};

  // REQUIRES: there is such an operation.
  const OperationPlan& Find(absl::string_view operation) const;
};

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_PLAN_H_
