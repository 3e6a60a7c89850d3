#include "simulator/played_fixture.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load.h"
#include "adapters/rest/yaml_node.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace enrich::simulator {
namespace {

using rest::YamlNode;

void WriteScalar(const YamlNode& node, json::Writer& out) {
  const std::string& text = node.text();
  if (node.quoted()) {
    out.String(text);
  } else if (text == "true" || text == "false" || json::IsNumber(text)) {
    out.Raw(text);
  } else {
    out.String(text);
  }
}

void WriteTree(const YamlNode& node, json::Writer& out) {
  switch (node.kind()) {
    case YamlNode::Kind::kNull:
      out.Null();
      return;
    case YamlNode::Kind::kScalar:
      WriteScalar(node, out);
      return;
    case YamlNode::Kind::kList:
      out.StartArray();
      for (const YamlNode* child : node.children()) WriteTree(*child, out);
      out.EndArray();
      return;
    case YamlNode::Kind::kMap:
      out.StartObject();
      for (const YamlNode* child : node.children()) {
        out.Key(child->key());
        WriteTree(*child, out);
      }
      out.EndObject();
      return;
  }
}

// JSON, or the text under `raw`.
std::string BodyOf(const YamlNode* node) {
  if (node == nullptr) return "";
  if (node->is_map() && node->children().size() == 1) {
    const YamlNode* raw = node->Find("raw");
    if (raw != nullptr) return raw->text();
  }
  json::Writer out;
  WriteTree(*node, out);
  return out.Take();
}

std::string TextOf(const YamlNode& node, absl::string_view key) {
  const YamlNode* found = node.Find(key);
  return found == nullptr ? "" : found->text();
}

std::optional<Credits> CreditsOf(const YamlNode& node, absl::string_view key) {
  const std::optional<double> number = json::ParseDouble(TextOf(node, key));
  return number ? Credits::FromDouble(*number) : std::nullopt;
}

bool IsTrue(const YamlNode& node, absl::string_view key) {
  return TextOf(node, key) == "true";
}

HttpHeaders HeadersOf(const YamlNode& node) {
  HttpHeaders headers;
  if (const YamlNode* found = node.Find("headers")) {
    for (const YamlNode* entry : found->children()) {
      headers.emplace_back(entry->key(), entry->text());
    }
  }
  return headers;
}

PlayedField ReadField(const YamlNode& node) {
  PlayedField field{.outcome = absl::AsciiStrToLower(TextOf(node, "outcome")),
                    .credits = CreditsOf(node, "credits").value_or(Credits())};
  if (const YamlNode* emails = node.Find("emails")) {
    for (const YamlNode* email : emails->children()) {
      field.emails.push_back(TextOf(*email, "address"));
    }
  }
  if (const YamlNode* phones = node.Find("phones")) {
    for (const YamlNode* phone : phones->children()) {
      field.phones.push_back(
          {TextOf(*phone, "e164"), TextOf(*phone, "spelling")});
    }
  }
  return field;
}

PlayedItem ReadItem(const YamlNode& node) {
  PlayedItem item{.ref = TextOf(node, "ref"), .echo = TextOf(node, "echo")};
  int index = 0;
  if (absl::SimpleAtoi(TextOf(node, "index"), &index)) item.index = index;
  for (const YamlNode* member : node.children()) {
    if (member->is_map() && member->key() != "profile") {
      item.fields.emplace(member->key(), ReadField(*member));
    }
  }
  return item;
}

PlayedExpect ReadExpect(const YamlNode& node) {
  PlayedExpect expect{.accepted = node.Find("accepted") != nullptr,
                      .debited = CreditsOf(node, "debited").value_or(Credits()),
                      .rejected = TextOf(node, "rejected"),
                      .rate_limited = node.Find("rate_limited") != nullptr,
                      .fetch = IsTrue(node, "fetch"),
                      .refused = IsTrue(node, "refused"),
                      .job_unknown = IsTrue(node, "job_unknown"),
                      .drift = node.Find("drift") != nullptr,
                      .phase = absl::AsciiStrToLower(TextOf(node, "phase")),
                      .cursor = TextOf(node, "cursor"),
                      .cost = CreditsOf(node, "cost"),
                      .balance = CreditsOf(node, "balance")};
  if (const YamlNode* items = node.Find("items")) {
    for (const YamlNode* item : items->children()) {
      expect.items.push_back(ReadItem(*item));
    }
  }
  return expect;
}

void ReadRequest(const YamlNode& node, PlayedStep& step) {
  for (const char* method : {"get", "post", "put"}) {
    const YamlNode* target = node.Find(method);
    if (target == nullptr) continue;
    step.method = absl::AsciiStrToUpper(method);
    step.target = target->text();
  }
  step.request_body = BodyOf(node.Find("body"));
}

std::optional<PlayedStep::Kind> KindOf(absl::string_view word) {
  if (word == "submit") return PlayedStep::Kind::kSubmit;
  if (word == "poll") return PlayedStep::Kind::kPoll;
  if (word == "webhook") return PlayedStep::Kind::kWebhook;
  if (word == "balance") return PlayedStep::Kind::kBalance;
  return std::nullopt;
}

absl::Status Wrong(const std::string& file, int line, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ": ", text));
}

absl::StatusOr<PlayedStep> ReadStep(const YamlNode& node,
                                    const std::string& file) {
  if (!node.is_map() || node.children().size() != 1) {
    return Wrong(file, node.line(), "a step has one key");
  }
  const YamlNode& content = *node.children().front();
  const std::optional<PlayedStep::Kind> kind = KindOf(content.key());
  const YamlNode* expect = content.Find("expect");
  if (!kind.has_value() || expect == nullptr) {
    return Wrong(file, node.line(),
                 "a step is submit, poll, webhook or balance, and expects "
                 "something");
  }
  PlayedStep step{.kind = *kind, .line = node.line()};
  if (*kind == PlayedStep::Kind::kWebhook) {
    step.answer = {.status = 200,
                   .headers = HeadersOf(content),
                   .body = BodyOf(content.Find("body"))};
  } else {
    const YamlNode* response = content.Find("response");
    if (response == nullptr ||
        !absl::SimpleAtoi(TextOf(*response, "status"), &step.answer.status)) {
      return Wrong(file, node.line(), "a step has a response with a status");
    }
    step.answer.headers = HeadersOf(*response);
    step.answer.body = BodyOf(response->Find("body"));
  }
  if (const YamlNode* request = content.Find("request")) {
    ReadRequest(*request, step);
  }
  step.expect = ReadExpect(*expect);
  return step;
}

std::map<std::string, std::string> ReadContact(const YamlNode& node) {
  std::map<std::string, std::string> inputs;
  for (const YamlNode* input : node.children()) {
    if (input->is_scalar()) inputs.emplace(input->key(), input->text());
  }
  return inputs;
}

}  // namespace

absl::StatusOr<PlayedFixture> ReadPlayedFixture(absl::string_view text,
                                                const std::string& file) {
  const rest::YamlDocument document = rest::ReadYamlTree(text);
  if (document.root == nullptr || !document.mistakes.empty()) {
    return absl::InvalidArgumentError(
        rest::FormatMistakes(file, document.mistakes));
  }
  const YamlNode* contacts = document.root->Find("contacts");
  const YamlNode* steps = document.root->Find("steps");
  PlayedFixture fixture{.file = file,
                        .operation = TextOf(*document.root, "operation")};
  if (contacts == nullptr || steps == nullptr || fixture.operation.empty()) {
    return Wrong(file, 1, "a fixture has an operation, contacts and steps");
  }
  for (const YamlNode* contact : contacts->children()) {
    fixture.contacts.push_back(ReadContact(*contact));
  }
  for (const YamlNode* step : steps->children()) {
    ASSIGN_OR_RETURN(PlayedStep read, ReadStep(*step, file));
    fixture.steps.push_back(std::move(read));
  }
  return fixture;
}

}  // namespace enrich::simulator
