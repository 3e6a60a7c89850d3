#include "adapters/rest/load_context.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text.h"

namespace enrich::rest {
namespace {

constexpr size_t kMaxMistakes = 100;
constexpr absl::string_view kExpressionMark = "= ";

std::string Join(absl::string_view path, absl::string_view key) {
  return absl::StrCat(path, path.empty() ? "" : ".", key);
}

}  // namespace

void LoadContext::Add(Mistake mistake) {
  if (mistakes_.size() >= kMaxMistakes) return;
  if (seen_.emplace(mistake.line, mistake.path, mistake.text).second) {
    mistakes_.push_back(std::move(mistake));
  }
}

void LoadContext::Report(const YamlNode& node, std::string text) {
  Add({node.line(), node.Path(), std::move(text)});
}

void LoadContext::ReportKey(const YamlNode& node, absl::string_view key,
                            std::string text) {
  const YamlNode* value = node.Find(key);
  Add({value != nullptr ? value->line() : node.line(), Join(node.Path(), key),
       std::move(text)});
}

void LoadContext::ReportAccount(std::string path, std::string text) {
  Add({0, std::move(path), std::move(text)});
}

std::vector<Mistake> LoadContext::TakeMistakes() {
  std::stable_sort(
      mistakes_.begin(), mistakes_.end(),
      [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
  return std::move(mistakes_);
}

bool LoadContext::CheckMap(const YamlNode& node, Keys keys) {
  if (!node.is_map()) {
    Report(node,
           absl::StrCat("must be a mapping with ", absl::StrJoin(keys, ", ")));
    return false;
  }
  for (const YamlNode* child : node.children()) {
    if (std::find(keys.begin(), keys.end(), child->key()) != keys.end()) {
      continue;
    }
    Report(*child,
           absl::StrCat("unknown key; there are ", absl::StrJoin(keys, ", ")));
  }
  return true;
}

const YamlNode* LoadContext::Require(const YamlNode& node,
                                     absl::string_view key) {
  const YamlNode* value = node.Find(key);
  if (value == nullptr || value->is_null()) {
    ReportKey(node, key, "is required");
    return nullptr;
  }
  return value;
}

std::optional<std::string> LoadContext::Text(const YamlNode& node) {
  if (!node.is_scalar() || node.text().empty()) {
    Report(node, "must be a text");
  } else if (IsExpression(node)) {
    Report(node, "must be a plain text, no expression");
  } else if (HasControlCharacter(node.text())) {
    Report(node, "must not have control characters");
  } else {
    return node.text();
  }
  return std::nullopt;
}

bool LoadContext::Flag(const YamlNode* node) {
  if (node == nullptr) return false;
  if (node->is_scalar() && !node->quoted()) {
    if (node->text() == "true") return true;
    if (node->text() == "false") return false;
  }
  Report(*node, "must be true or false");
  return false;
}

std::optional<int> LoadContext::Number(const YamlNode& node, int low,
                                       int high) {
  int value = 0;
  if (node.is_scalar() && !node.quoted() &&
      absl::SimpleAtoi(node.text(), &value) && value >= low && value <= high) {
    return value;
  }
  Report(node, absl::StrCat("must be a whole number from ", low, " to ", high));
  return std::nullopt;
}

std::optional<absl::Duration> LoadContext::Duration(const YamlNode& node,
                                                    absl::Duration least,
                                                    absl::Duration most) {
  absl::Duration value;
  if (!node.is_scalar() || !absl::ParseDuration(node.text(), &value)) {
    Report(node, "must be a duration such as 250ms, 30s, 5m or 24h");
  } else if (value < least || value > most) {
    Report(node, absl::StrCat("must be from ", absl::FormatDuration(least),
                              " to ", absl::FormatDuration(most)));
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<Credits> LoadContext::Price(const YamlNode& node) {
  double value = 0;
  std::optional<Credits> credits;
  if (node.is_scalar() && !node.quoted() &&
      absl::SimpleAtod(node.text(), &value)) {
    credits = Credits::FromDouble(value);
  }
  if (!credits.has_value()) {
    Report(node, "must be a number of credits such as 1 or 0.25");
  }
  return credits;
}

std::vector<const YamlNode*> LoadContext::Texts(const YamlNode& node) {
  std::vector<const YamlNode*> texts;
  if (node.is_scalar()) {
    if (Text(node).has_value()) texts.push_back(&node);
  } else if (!node.is_list()) {
    Report(node, "must be a list of texts");
  } else if (node.children().empty()) {
    Report(node, "must not be empty");
  }
  if (!node.is_list()) return texts;
  for (const YamlNode* child : node.children()) {
    if (Text(*child).has_value()) texts.push_back(child);
  }
  return texts;
}

bool LoadContext::IsExpression(const YamlNode& node) {
  return node.is_scalar() && absl::StartsWith(node.text(), kExpressionMark);
}

std::optional<Expression> LoadContext::ReadExpression(const YamlNode& node) {
  if (!IsExpression(node)) {
    Report(node, "must be an expression, such as \"= data.id\"");
    return std::nullopt;
  }
  auto compiled = Expression::Compile(
      absl::string_view(node.text()).substr(kExpressionMark.size()), tables_);
  if (!compiled.ok()) {
    Report(node, std::string(compiled.status().message()));
    return std::nullopt;
  }
  return *std::move(compiled);
}

std::optional<Expression> LoadContext::ReadExpression(const YamlNode* node) {
  if (node == nullptr) return std::nullopt;
  return ReadExpression(*node);
}

void LoadContext::NameSecret(const YamlNode& node, const std::string& name) {
  NamedSecret secret = {.node = &node};
  if (name == "api_key") {
    secret.value = account_.api_key;
  } else if (const auto it = account_.secrets.find(name);
             it != account_.secrets.end()) {
    secret.value = it->second;
  }
  if (!secrets_.emplace(name, std::move(secret)).second) {
    Report(node, absl::StrCat(name, " stands here twice"));
  }
}

const Secret* LoadContext::FindSecret(const YamlNode& node,
                                      const std::string& name) {
  const auto it = secrets_.find(name);
  if (it == secrets_.end()) {
    std::vector<std::string> names;
    for (const auto& [known, secret] : secrets_) names.push_back(known);
    Report(node, absl::StrCat("there is no secret ", name, "; ",
                              names.empty()
                                  ? "the file names none"
                                  : absl::StrCat("the file names ",
                                                 JoinWords(names, " and "))));
    return nullptr;
  }
  it->second.used = true;
  return &it->second.value;
}

void LoadContext::CheckSecrets() {
  const bool file_is_clean = clean();
  for (const auto& [name, secret] : secrets_) {
    const std::string path =
        name == "api_key" ? name : absl::StrCat("secrets.", name);
    const std::string& value = secret.value.Reveal();
    if (value.empty()) {
      ReportAccount(path, "is required by the provider's file");
    } else if (!IsValidUtf8(value) || HasControlCharacter(value)) {
      ReportAccount(path, "must be text without line ends");
    }
    // What could not be read may have used it.
    if (secret.used || !file_is_clean) continue;
    Report(*secret.node,
           name == "api_key"
               ? "the API key is used nowhere; say no_api_key: true"
               : absl::StrCat("the secret ", name, " is used nowhere"));
  }
  for (const auto& [name, value] : account_.secrets) {
    if (!secrets_.contains(name) || name == "api_key") {
      ReportAccount(absl::StrCat("secrets.", name),
                    "is no secret that the provider's file names");
    }
  }
}

std::string JoinWords(const std::vector<std::string>& words,
                      absl::string_view last_joint) {
  if (words.empty()) return "";
  const std::string head = absl::StrJoin(words.begin(), words.end() - 1, ", ");
  return absl::StrCat(head, head.empty() ? "" : last_joint, words.back());
}

}  // namespace enrich::rest
