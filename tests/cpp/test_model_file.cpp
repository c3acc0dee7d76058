// Model files: what is written reads back as the same graph; what is damaged is refused before anything is made of it.
#include <random>

#include "check.h"
#include "io/safetensors.h"
#include "model_helpers.h"

using namespace convcore;

namespace {

std::vector<std::byte> container(const std::string& header, std::size_t data = 0) {
  std::vector<std::byte> file(8 + header.size() + data);
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

Safetensors read(const std::string& header, std::size_t data = 0) {
  static std::vector<std::byte> file;
  file = container(header, data);
  return read_safetensors(file, "f");
}

// A file whose description of the model is this text, with one variable "w" of two floats.
ModelFile model_of(const std::string& text, const std::string& version = "1") {
  static const float w[2] = {1, 2};
  Safetensors content;
  content.metadata = {{"format", "convcore"}, {"version", version}, {"producer", "test"}, {"model", text}};
  content.tensors["w"] = {{DType::f32, Shape{2}}, std::as_bytes(std::span(w))};
  return read_model_file(write_safetensors(content), "f");
}

std::string function_of(const std::string& body) { return R"({"variables":["w"],"functions":{"f":)" + body + "}}"; }

}  // namespace

TEST("model file: graphs read back as they were, variables with their values") {
  const ModelFile made = check_model::small_model();
  const std::vector<std::byte> bytes = write_model_file(made);
  const ModelFile read = read_model_file(bytes, "f");
  CHECK_EQ(read.functions.size(), std::size_t{3});
  for (std::size_t i = 0; i < made.functions.size(); ++i) {
    CHECK_EQ(read.functions[i].first, made.functions[i].first);
    CHECK(read.functions[i].second.inputs == made.functions[i].second.inputs);
    CHECK_EQ(read.functions[i].second.graph.nodes.size(), made.functions[i].second.graph.nodes.size());
  }
  for (std::size_t v = 0; v < made.variables.size(); ++v) {
    CHECK_EQ(read.variables[v].name, made.variables[v].name);
    CHECK(read.variables[v].variable->type() == made.variables[v].variable->type());
    CHECK(std::memcmp(read.variables[v].variable->data(), made.variables[v].variable->data(),
                      static_cast<std::size_t>(made.variables[v].variable->type().bytes())) == 0);
  }
  CHECK(write_model_file(read) == bytes);
}

TEST("model file: constants of every kind survive") {
  ModelFile file;
  file.producer = "test";
  NamedGraph f{{}, {"x"}, {"a", "b", "c"}};
  const Value x = f.graph.input({DType::f32, Shape{unknown}}, "x");
  const float table[3] = {1.5f, -2, NAN};
  const std::int64_t whole = INT64_C(9007199254740993);  // no double
  f.graph.output(f.graph.emit1("add", {x, f.graph.constant({DType::f32, Shape{3}}, table)}));
  f.graph.output(f.graph.emit1("minimum", {x, f.graph.scalar(INFINITY)}));
  f.graph.output(f.graph.constant({DType::i64, Shape{}}, &whole));
  file.functions.emplace_back("f", std::move(f));
  const std::vector<std::byte> bytes = write_model_file(file);
  const ModelFile read = read_model_file(bytes, "f");
  CHECK(write_model_file(read) == bytes);
  const Graph& g = read.functions[0].second.graph;
  std::int64_t back = 0;
  std::memcpy(&back, g.info(g.outputs[2]).data->data(), sizeof back);
  CHECK_EQ(back, whole);
}

TEST("safetensors: headers that do not fit their bytes are refused") {
  CHECK(read("{}").tensors.empty());
  CHECK_EQ(read(R"({"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})", 8).tensors.at("a").bytes.size(),
           std::size_t{8});
  const auto refused = [](const std::string& header, std::size_t data, const char* part) {
    CHECK_THROWS(ModelFormatError, part, read(header, data));
  };
  refused(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,4]}})", 4, "one of BOOL");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "expected the bytes of float32 (2");
  refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3, "inside the 3 bytes");
  refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "received [4, 0]");
  refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "at least 0");
  refused(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4, "64 bits");
  refused(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4, "at most 8");
  refused(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3,
          "to begin at byte 2");
  refused(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 3, "expected 2 bytes of data");
  refused(R"([])", 0, "an object");
  CHECK_THROWS(ModelFormatError, "received 3 bytes", read_safetensors(std::vector<std::byte>(3), "f"));
  std::vector<std::byte> long_header = container("{}");
  long_header[6] = std::byte{1};
  CHECK_THROWS(ModelFormatError, "a header inside", read_safetensors(long_header, "f"));
}

TEST("model file: descriptions that make no graph are refused with their place") {
  const auto refused = [](const std::string& text, const char* part) {
    CHECK_THROWS(ModelFormatError, part, model_of(text));
  };
  refused("{}", "\"variables\"");
  refused(R"({"variables":["v"],"functions":{}})", "model.variables[0]: expected the name of a tensor");
  refused(R"({"variables":["w","w"],"functions":{}})", "every variable once");
  const std::string empty = R"("inputs":[],"values":[],"nodes":[],"outputs":[],"updates":[])";
  CHECK_EQ(model_of(function_of("{" + empty + "}")).functions.size(), std::size_t{1});
  refused(function_of("{" + empty + R"(,"extra":1})"), "received \"extra\"");
  const auto node = [](const std::string& node) {
    return function_of(
        R"({"inputs":[{"name":"x","dtype":"float32","shape":[null,2]}],"values":[{"variable":"w"}],"nodes":[)" + node +
        R"(],"outputs":[{"name":"y","value":2}],"updates":[]})");
  };
  CHECK_EQ(model_of(node(R"({"op":"add","in":[0,1]})")).functions.size(), std::size_t{1});
  refused(node(R"({"op":"add","in":[0,2]})"), "functions.f.nodes[0].in[1]: expected the number of one of the 2 values");
  refused(node(R"({"op":"add","in":[0]})"), "functions.f.nodes[0]: add");
  refused(node(R"({"op":"nonsense","in":[0]})"), "nonsense");
  refused(node(R"({"op":"softmax","in":[0],"attrs":{"axis":7}})"), "functions.f.nodes[0]");
  refused(node(R"({"op":"softmax","in":[0],"attrs":{"axes":1}})"), "axes");
  refused(node(R"({"op":"reshape","in":[0],"attrs":{"shape":[4294967296,4294967296,4294967296]}})"), "functions.f.nodes[0]");
  refused(function_of(
              R"({"inputs":[],"values":[{"variable":"w"}],"nodes":[],"outputs":[],"updates":[{"variable":"u","value":0}]})"),
          "updates[0].variable: expected the name of a variable");
  refused(R"({"variables":[],"functions":{},"sample":{"function":"f","inputs":[],"outputs":[]}})", "the name of a function");
  refused(R"({"variables":[],"functions":{},"sample":{"function":"f","inputs":["w","w"],"outputs":[]}})",
          "sample.inputs[1]: expected every tensor once");
  CHECK_THROWS(ModelFormatError, "version 1, received \"2\"", model_of("{}", "2"));
}

TEST("model file: a tensor that many constants name is in memory once") {
  const std::string f = R"({"inputs":[],"values":[{"constant":"w"},{"constant":"w"}],"nodes":[],"outputs":[)"
                        R"({"name":"a","value":0},{"name":"b","value":1}],"updates":[]})";
  const ModelFile file = model_of(R"({"variables":[],"functions":{"f":)" + f + R"(,"g":)" + f + "}}");
  const auto* const bytes = file.functions[0].second.graph.info(Value{0}).data.get();
  CHECK_EQ(bytes->size(), std::size_t{8});
  for (const auto& [name, named] : file.functions)
    for (const Value value : named.graph.outputs) CHECK(named.graph.info(value).data.get() == bytes);
}

TEST("model file: flipped and missing bytes are refused or harmless") {
  const std::vector<std::byte> good = write_model_file(check_model::small_model());
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::byte> bytes = good;
    if (i % 3 == 0) bytes.resize(random() % bytes.size());
    for (int k = static_cast<int>(random() % 4); k >= 0 && !bytes.empty(); --k)
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1u << random() % 8);
    try {
      read_model_file(bytes, "f");
    } catch (const ModelFormatError&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
}
