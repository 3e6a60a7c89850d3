#include "adapters/rest/load_auth.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/crypto.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

class AuthReader {
 public:
  AuthReader(LoadContext& context, const YamlNode& node, CommonRequest& common,
             Plan& plan)
      : context_(context), node_(node), common_(common), plan_(plan) {}

  void Read() {
    if (!context_.CheckMap(
            node_, {"headers", "query", "body", "basic", "oauth2", "none"})) {
      return;
    }
    if (const YamlNode* headers = node_.Find("headers")) {
      common_.auth_headers = ReadHeaders(context_, *headers, {});
    }
    common_.auth_query = ReadValues("query");
    common_.auth_body = ReadValues("body");
    if (const YamlNode* basic = node_.Find("basic")) ReadBasic(*basic);
    if (const YamlNode* oauth2 = node_.Find("oauth2")) ReadOauth2(*oauth2);
    CheckNone();
    CheckAuthorization();
    AddRedactions();
  }

 private:
  NamedTemplates ReadValues(absl::string_view key) {
    NamedTemplates values;
    const YamlNode* node = node_.Find(key);
    if (node == nullptr) return values;
    if (!node->is_map()) {
      context_.Report(*node, "must be a mapping of name to value");
      return values;
    }
    for (const YamlNode* entry : node->children()) {
      if (auto value = ReadTemplate(context_, *entry, {})) {
        values.emplace_back(entry->key(), *std::move(value));
      }
    }
    return values;
  }

  std::optional<Template> ReadPart(const YamlNode& basic,
                                   absl::string_view key) {
    const YamlNode* part = basic.Find(key);
    if (part == nullptr) return Template();
    return ReadTemplate(context_, *part, {});
  }

  void ReadBasic(const YamlNode& basic) {
    if (!context_.CheckMap(basic, {"user", "password"})) return;
    const auto user = ReadPart(basic, "user");
    const auto password = ReadPart(basic, "password");
    if (!user.has_value() || !password.has_value()) return;
    const std::string name = FixedText(*user);
    if (absl::StrContains(name, ":")) {
      context_.ReportKey(basic, "user", "must not have a colon");
    }
    Template header = {.secret = true};
    header.parts.emplace_back(absl::StrCat(
        "Basic ",
        absl::Base64Escape(absl::StrCat(name, ":", FixedText(*password)))));
    common_.auth_headers.emplace_back("Authorization", std::move(header));
  }

  void ReadOauth2(const YamlNode& node) {
    if (!context_.CheckMap(node, {"url", "form", "token", "lifetime"})) return;
    const YamlNode* url = context_.Require(node, "url");
    const YamlNode* form = context_.Require(node, "form");
    const YamlNode* token = context_.Require(node, "token");
    auto lifetime = context_.ReadExpression(node.Find("lifetime"));
    if (url == nullptr || form == nullptr || token == nullptr) return;
    auto address = ReadUrl(context_, *url, common_.base_url, {});
    auto value = context_.ReadExpression(*token);
    RequestPlan request = {.method = "POST",
                           .headers = common_.headers,
                           .format = BodyFormat::kForm};
    request.body = ReadTokenForm(*form);
    if (!address.has_value() || !value.has_value()) return;
    request.url = *std::move(address);
    plan_.token.emplace(TokenPlan{.request = std::move(request),
                                  .token = *std::move(value),
                                  .lifetime = std::move(lifetime)});
  }

  std::optional<BodyNode> ReadTokenForm(const YamlNode& form) {
    if (!form.is_map()) {
      context_.Report(form, "must be a mapping of name to value");
      return std::nullopt;
    }
    BodyNode body;
    body.kind = BodyNode::Kind::kObject;
    for (const YamlNode* entry : form.children()) {
      auto text = ReadTemplate(context_, *entry, {});
      if (!text.has_value()) continue;
      BodyNode value;
      value.kind = BodyNode::Kind::kSecret;
      value.text = *std::move(text);
      body.members.push_back({entry->key(), std::move(value)});
      plan_.redact.push_back(absl::StrCat("body:/", entry->key()));
    }
    return body;
  }

  void CheckNone() {
    const bool none = context_.Flag(node_.Find("none"));
    const size_t others =
        node_.children().size() - (node_.Find("none") != nullptr ? 1 : 0);
    if (none && others > 0) {
      context_.ReportKey(node_, "none",
                         "says that nothing is sent, but "
                         "credentials stand beside it");
    } else if (!none && others == 0) {
      context_.Report(node_,
                      "says nothing: name headers, query, body, basic or "
                      "oauth2, or say none: true");
    }
  }

  void CheckAuthorization() {
    int count = node_.Find("oauth2") != nullptr ? 1 : 0;
    for (const auto& [name, value] : common_.auth_headers) {
      if (absl::EqualsIgnoreCase(name, "Authorization")) ++count;
    }
    if (count > 1) {
      context_.Report(node_, "sets the header Authorization more than once");
    }
  }

  void AddRedactions() {
    for (const auto& [name, value] : common_.auth_headers) {
      plan_.redact.push_back(absl::StrCat("header:", name));
    }
    for (const auto& [name, value] : common_.auth_query) {
      plan_.redact.push_back(absl::StrCat("query:", name));
    }
    for (const auto& [name, value] : common_.auth_body) {
      plan_.redact.push_back(absl::StrCat("body:/", name));
    }
    if (node_.Find("oauth2") != nullptr) {
      plan_.redact.push_back("header:Authorization");
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  CommonRequest& common_;
  Plan& plan_;
};

using Source = SignaturePlan::Source;

// One part of what is signed, or a place in a push.
std::optional<Source> ReadSource(LoadContext& context, const YamlNode& node,
                                 bool place) {
  const auto text = context.Text(node);
  if (!text.has_value()) return std::nullopt;
  absl::string_view rest = *text;
  if (absl::ConsumePrefix(&rest, "header:") && IsHttpToken(rest)) {
    return Source{.kind = Source::Kind::kHeader, .name = std::string(rest)};
  }
  if (IsBodyPlace(*text)) {
    return Source{.kind = Source::Kind::kBodyPointer, .name = text->substr(5)};
  }
  if (!place) {
    if (*text == "raw_body") return Source{.kind = Source::Kind::kRawBody};
    if (*text == "url_path") return Source{.kind = Source::Kind::kUrlPath};
    rest = *text;
    if (absl::ConsumePrefix(&rest, "text:")) {
      return Source{.kind = Source::Kind::kText, .name = std::string(rest)};
    }
  }
  context.Report(node, place ? "must be header:NAME or body:/POINTER"
                             : "must be raw_body, url_path, header:NAME, "
                               "body:/POINTER or text:LITERAL");
  return std::nullopt;
}

class VerifyReader {
 public:
  VerifyReader(LoadContext& context, const YamlNode& node)
      : context_(context), node_(node) {}

  std::optional<SignaturePlan> Read() {
    if (!node_.is_map()) {
      context_.Report(node_,
                      "must be a mapping with hmac, equals or sha256_of");
      return std::nullopt;
    }
    if (node_.Find("hmac") != nullptr) {
      ReadHmac();
    } else if (node_.Find("equals") != nullptr) {
      ReadEquals();
    } else if (node_.Find("sha256_of") != nullptr) {
      ReadSha256Of();
    } else {
      context_.Report(node_, "needs hmac, equals or sha256_of");
    }
    return std::move(plan_);
  }

 private:
  // The secret's value, then those it had before.
  std::vector<Secret> Values(const YamlNode& node, const std::string& name) {
    std::vector<Secret> values;
    const Secret* value = context_.FindSecret(node, name);
    if (value == nullptr) return values;
    values.push_back(*value);
    if (name == "api_key") {
      const auto& previous = context_.account().previous_api_keys;
      values.insert(values.end(), previous.begin(), previous.end());
    }
    return values;
  }

  void ReadHmac() {
    if (!context_.CheckMap(
            node_, {"hmac", "secret", "over", "signature", "encoding", "prefix",
                    "lowercase", "time", "max_age"})) {
      return;
    }
    const YamlNode& hash = *node_.Find("hmac");
    if (hash.text() == "sha1") {
      plan_.kind = SignaturePlan::Kind::kHmacSha1;
    } else if (hash.text() == "sha256") {
      plan_.kind = SignaturePlan::Kind::kHmacSha256;
    } else {
      context_.Report(hash, "must be sha1 or sha256");
    }
    if (const YamlNode* secret = context_.Require(node_, "secret")) {
      if (const auto name = context_.Text(*secret)) {
        plan_.keys = Values(*secret, *name);
      }
    }
    if (const YamlNode* over = context_.Require(node_, "over")) ReadOver(*over);
    if (const YamlNode* signature = context_.Require(node_, "signature")) {
      if (auto source = ReadSource(context_, *signature, true)) {
        plan_.signature = *std::move(source);
      }
    }
    ReadNotation();
    ReadAge();
  }

  void ReadAge() {
    const YamlNode* time = node_.Find("time");
    const YamlNode* age = node_.Find("max_age");
    if (time == nullptr && age == nullptr) return;
    if (time == nullptr || age == nullptr) {
      return context_.Report(node_, "needs time and max_age, or neither");
    }
    plan_.max_age =
        context_.Duration(*age, absl::Seconds(1), absl::Hours(24 * 7))
            .value_or(plan_.max_age);
    plan_.time = ReadSource(context_, *time, true);
    if (plan_.time.has_value() && !Covers(*plan_.time)) {
      context_.Report(*time, "is not signed: name it in over too");
    }
  }

  // Whether the signature is over this part.
  bool Covers(const Source& part) const {
    return absl::c_any_of(plan_.over, [&](const Source& signed_part) {
      return signed_part == part ||
             (signed_part.kind == Source::Kind::kRawBody &&
              part.kind == Source::Kind::kBodyPointer);
    });
  }

  void ReadOver(const YamlNode& over) {
    for (const YamlNode* part : context_.Texts(over)) {
      if (auto source = ReadSource(context_, *part, false)) {
        plan_.over.push_back(*std::move(source));
      }
    }
  }

  void ReadNotation() {
    if (const YamlNode* encoding = node_.Find("encoding")) {
      plan_.base64 = encoding->text() == "base64";
      if (!plan_.base64 && encoding->text() != "hex") {
        context_.Report(*encoding, "must be hex or base64");
      }
    }
    if (const YamlNode* prefix = node_.Find("prefix")) {
      plan_.prefix = context_.Text(*prefix).value_or("");
    }
    plan_.lowercase = context_.Flag(node_.Find("lowercase"));
  }

  void ReadPlace() {
    plan_.kind = SignaturePlan::Kind::kEquals;
    const YamlNode* at = context_.Require(node_, "at");
    if (at == nullptr) return;
    auto source = ReadSource(context_, *at, true);
    if (source.has_value() && source->kind != Source::Kind::kHeader) {
      context_.Report(*at, "must be header:NAME");
    } else if (source.has_value()) {
      plan_.signature = *std::move(source);
    }
  }

  // One value for each API key that is accepted.
  void ReadEquals() {
    if (!context_.CheckMap(node_, {"equals", "at"})) return;
    ReadPlace();
    const YamlNode& value = *node_.Find("equals");
    const auto text = ReadTemplate(context_, value, {});
    if (!text.has_value()) return;
    const std::string now = FixedText(*text);
    if (now.empty()) {
      return context_.Report(value, "must not be empty: everybody knows that");
    }
    if (!text->secret) {
      context_.Report(value, "must hold a secret: everybody could send this");
    }
    plan_.values.push_back(Secret(now));
    AddPreviousValues(value, *text);
  }

  void AddPreviousValues(const YamlNode& node, const Template& text) {
    if (!absl::StrContains(node.text(), "{secret.api_key}")) return;
    for (const Secret& key : context_.account().previous_api_keys) {
      AccountConfig before = context_.account();
      before.api_key = key;
      LoadContext other(before);
      for (const auto& [name, value] : before.secrets) {
        other.NameSecret(node, name);
      }
      other.NameSecret(node, "api_key");
      const auto value = ReadTemplateText(other, node, node.text(), {});
      if (value.has_value() && FixedText(*value) != FixedText(text)) {
        plan_.values.push_back(Secret(FixedText(*value)));
      }
    }
  }

  void ReadSha256Of() {
    if (!context_.CheckMap(node_, {"sha256_of", "at"})) return;
    ReadPlace();
    const YamlNode& secret = *node_.Find("sha256_of");
    const auto name = context_.Text(secret);
    if (!name.has_value()) return;
    for (const Secret& value : Values(secret, *name)) {
      plan_.values.push_back(
          Secret(absl::BytesToHexString(Sha256(value.Reveal()))));
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  SignaturePlan plan_;
};

}  // namespace

void ReadAuth(LoadContext& context, const YamlNode& node, CommonRequest& common,
              Plan& plan) {
  AuthReader(context, node, common, plan).Read();
}

std::optional<Source> ReadPlace(LoadContext& context, const YamlNode& node) {
  return ReadSource(context, node, /*place=*/true);
}

std::optional<SignaturePlan> ReadVerify(LoadContext& context,
                                        const YamlNode& node) {
  return VerifyReader(context, node).Read();
}

bool IsBodyPlace(absl::string_view text) {
  return absl::StartsWith(text, "body:/");
}

}  // namespace enrich::rest
