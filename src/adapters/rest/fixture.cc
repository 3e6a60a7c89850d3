#include "adapters/rest/fixture.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load_body.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/load_words.h"
#include "adapters/rest/yaml_node.h"

namespace enrich::rest {
namespace {

// Recorded answers are larger than provider files.
constexpr YamlLimits kLimits = {.max_bytes = 1 << 20, .max_depth = 40};

struct StepKind {
  absl::string_view name;
  FixtureStep::Kind kind;
};
constexpr std::array<StepKind, 5> kStepKinds = {{
    {"submit", FixtureStep::Kind::kSubmit},
    {"poll", FixtureStep::Kind::kPoll},
    {"webhook", FixtureStep::Kind::kWebhook},
    {"balance", FixtureStep::Kind::kBalance},
    {"token", FixtureStep::Kind::kToken},
}};

// The text of a body, and whether it was written as text.
std::pair<std::string, bool> ReadBodyText(LoadContext& context,
                                          const YamlNode& node) {
  const YamlNode* raw = node.Find("raw");
  if (raw != nullptr && raw->is_scalar() && node.children().size() == 1) {
    return {raw->text(), true};
  }
  return {TreeToJson(context, node), false};
}

HttpHeaders ReadPlainHeaders(LoadContext& context, const YamlNode* node) {
  HttpHeaders headers;
  if (node == nullptr) return headers;
  if (!node->is_map()) {
    context.Report(*node, "must be a mapping of header to value");
    return headers;
  }
  for (const YamlNode* entry : node->children()) {
    if (entry->is_scalar()) {
      headers.emplace_back(entry->key(), entry->text());
    } else {
      context.Report(*entry, "must be a text");
    }
  }
  return headers;
}

class FixtureReader {
 public:
  FixtureReader(LoadContext& context, const YamlNode& root)
      : context_(context), root_(root) {}

  Fixture Read() {
    if (!context_.CheckMap(root_, {"describe", "source", "operation", "account",
                                   "contacts", "steps"})) {
      return {};
    }
    if (const YamlNode* text = context_.Require(root_, "describe")) {
      fixture_.describe = context_.Text(*text).value_or("");
    }
    if (const YamlNode* operation = context_.Require(root_, "operation")) {
      fixture_.operation = context_.Text(*operation).value_or("");
    }
    if (const YamlNode* account = root_.Find("account")) {
      if (context_.CheckMap(*account, {"country"})) {
        const YamlNode* country = context_.Require(*account, "country");
        if (country != nullptr) fixture_.country = country->text();
      }
    }
    ReadContacts();
    ReadSteps();
    return std::move(fixture_);
  }

 private:
  void ReadContacts() {
    const YamlNode* node = context_.Require(root_, "contacts");
    if (node == nullptr) return;
    if (!node->is_list() || node->children().empty()) {
      return context_.Report(*node, "must be a list of contacts");
    }
    for (const YamlNode* child : node->children()) ReadContact(*child);
  }

  void ReadContact(const YamlNode& node) {
    if (!context_.CheckMap(
            node, {"first_name", "last_name", "full_name", "company_name",
                   "company_domain", "linkedin_url", "email", "fields"})) {
      return;
    }
    const auto text = [&](absl::string_view key) {
      const YamlNode* value = node.Find(key);
      if (value == nullptr) return std::string();
      return context_.Text(*value).value_or("");
    };
    Contact contact = {.first_name = text("first_name"),
                       .last_name = text("last_name"),
                       .full_name = text("full_name"),
                       .company_name = text("company_name"),
                       .company_domain = text("company_domain"),
                       .linkedin_url = text("linkedin_url"),
                       .email = text("email")};
    if (const YamlNode* fields = node.Find("fields")) {
      ReadContactFields(*fields, contact);
    }
    Normalize(node, contact);
    fixture_.contacts.push_back(std::move(contact));
  }

  // As a request of the API would; the fixture is the request.
  void Normalize(const YamlNode& node, Contact& contact) {
    const std::vector<ContactField> fields = contact.fields;
    contact.contact_ref = absl::StrCat("fx.", fixture_.contacts.size());
    if (fields.empty()) contact.fields = {ContactField::kWorkEmail};
    for (const Violation& violation : NormalizeContact(contact)) {
      // What is missing is the provider file's business.
      if (const YamlNode* value = node.Find(violation.field)) {
        context_.Report(*value, violation.description);
      }
    }
    contact.fields = fields;
  }

  void ReadContactFields(const YamlNode& node, Contact& contact) {
    for (const YamlNode* name : context_.Texts(node)) {
      if (const auto field = FieldOf(name->text())) {
        contact.fields.push_back(*field);
      } else {
        context_.Report(*name,
                        absl::StrCat("is no field; there are ", FieldWords()));
      }
    }
  }

  void ReadSteps() {
    const YamlNode* node = context_.Require(root_, "steps");
    if (node == nullptr) return;
    if (!node->is_list() || node->children().empty()) {
      return context_.Report(*node, "must be a list of steps");
    }
    for (const YamlNode* child : node->children()) {
      if (!context_.CheckMap(
              *child, {"submit", "poll", "webhook", "balance", "token"})) {
        continue;
      }
      if (child->children().size() != 1) {
        context_.Report(*child,
                        "must be one of submit, poll, webhook, balance "
                        "and token");
        continue;
      }
      ReadStep(*child->children().front());
    }
  }

  void ReadStep(const YamlNode& node) {
    FixtureStep step = {.line = node.line()};
    for (const StepKind& kind : kStepKinds) {
      if (kind.name == node.key()) step.kind = kind.kind;
    }
    const bool push = step.kind == FixtureStep::Kind::kWebhook;
    const bool good =
        push
            ? context_.CheckMap(node, {"received", "headers", "body", "expect"})
        : step.kind == FixtureStep::Kind::kPoll
            ? context_.CheckMap(node,
                                {"cursor", "request", "response", "expect"})
            : context_.CheckMap(node, {"request", "response", "expect"});
    if (!good) return;
    if (push) {
      ReadMessage(node, step.response);
      ReadReceived(node, step.received);
    } else if (const YamlNode* answer = context_.Require(node, "response")) {
      ReadResponse(*answer, step.response);
    }
    if (const YamlNode* request = node.Find("request")) {
      ReadRequestOf(*request, step.request.emplace());
    }
    if (const YamlNode* cursor = node.Find("cursor")) {
      step.cursor = cursor->text();
    }
    ReadExpect(node, step);
    fixture_.steps.push_back(std::move(step));
  }

  void ReadExpect(const YamlNode& node, FixtureStep& step) {
    const YamlNode* expect = context_.Require(node, "expect");
    if (expect == nullptr) return;
    if (!expect->is_map()) {
      return context_.Report(*expect, "must be a mapping");
    }
    step.expect = TreeToJson(context_, *expect);
  }

  void ReadReceived(const YamlNode& node, absl::Time& received) {
    const YamlNode* time = node.Find("received");
    if (time != nullptr && !absl::ParseTime(absl::RFC3339_full, time->text(),
                                            &received, nullptr)) {
      context_.Report(*time, "must be a time such as 2026-01-31T12:00:00Z");
    }
  }

  void ReadMessage(const YamlNode& node, HttpResponse& message) {
    message.headers = ReadPlainHeaders(context_, node.Find("headers"));
    if (const YamlNode* body = node.Find("body")) {
      message.body = ReadBodyText(context_, *body).first;
    }
  }

  void ReadResponse(const YamlNode& node, HttpResponse& response) {
    if (!context_.CheckMap(node, {"status", "headers", "body"})) return;
    if (const YamlNode* status = context_.Require(node, "status")) {
      response.status = context_.Number(*status, 100, 599).value_or(0);
    }
    ReadMessage(node, response);
  }

  void ReadRequestOf(const YamlNode& node, FixtureRequest& request) {
    if (!context_.CheckMap(node, {"get", "post", "put", "headers", "body"})) {
      return;
    }
    for (const absl::string_view method : {"get", "post", "put"}) {
      const YamlNode* url = node.Find(method);
      if (url == nullptr) continue;
      if (!request.method.empty())
        context_.Report(*url, "one request, one method");
      request.method = absl::AsciiStrToUpper(method);
      request.url = context_.Text(*url).value_or("");
    }
    if (request.method.empty()) {
      context_.Report(node, "needs get, post or put");
    }
    request.headers = ReadPlainHeaders(context_, node.Find("headers"));
    if (const YamlNode* body = node.Find("body")) {
      std::tie(request.body, request.raw) = ReadBodyText(context_, *body);
    }
  }

  LoadContext& context_;
  const YamlNode& root_;
  Fixture fixture_;
};

}  // namespace

FixtureText ParseFixture(absl::string_view text) {
  YamlDocument document = ReadYamlTree(text, kLimits);
  if (document.root == nullptr) {
    if (document.mistakes.empty()) {
      document.mistakes.push_back({.text = "is empty"});
    }
    return {.mistakes = std::move(document.mistakes)};
  }
  const AccountConfig nobody;
  LoadContext context(nobody);
  for (Mistake& mistake : document.mistakes) context.Add(std::move(mistake));
  FixtureText result = {.fixture =
                            FixtureReader(context, *document.root).Read()};
  result.mistakes = context.TakeMistakes();
  if (!result.mistakes.empty()) result.fixture.reset();
  return result;
}

absl::string_view StepName(FixtureStep::Kind kind) {
  for (const StepKind& known : kStepKinds) {
    if (known.kind == kind) return known.name;
  }
  return "";
}

}  // namespace enrich::rest
