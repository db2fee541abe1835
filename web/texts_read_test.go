package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// faultTexts are the ids of faults and the rules of fields with the places where they stand, the values that faults carry by
// id, and what could not be read.
type faultTexts struct {
	ids, rules map[string]string
	values     map[string]map[string]bool
	constants  map[string]string // by folder and name: internal/event/busy
	odd        []string
}

// source is one file.
type source struct {
	*ast.File
	name  string
	files *token.FileSet
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.files.Position(n.Pos()).Line)
}

// readTree reads the files of a folder and those below; the constants first, which may stand in another file.
func (f *faultTexts) readTree(repository fs.FS, root string) error {
	var all []source
	err := fs.WalkDir(repository, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		content, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, content, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{file, name, files})
		folder := path.Dir(name)
		for name, value := range constantsOf(file) {
			f.constants[path.Join(folder, name)] = value
		}
		return nil
	})
	for _, file := range all {
		for _, d := range file.Decls {
			f.readDecl(file, d)
		}
	}
	return err
}

func (f *faultTexts) readDecl(file source, decl ast.Decl) {
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f.readCall(file, decl, n, file.at(n))
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Rule" {
				f.readRule(n.Value, file.at(n))
			}
		}
		return true
	})
}

func (f *faultTexts) readRule(value ast.Expr, at string) {
	begins := func(prefix string) bool { return strings.HasPrefix(at, prefix) }
	if !slices.ContainsFunc(rulesOf, begins) || slices.ContainsFunc(programsOnly, begins) {
		return
	}
	if rule, ok := stringOf(value); ok && ruleName.MatchString(rule) {
		f.rules[rule] = at
	}
}

func (f *faultTexts) readCall(file source, decl ast.Decl, call *ast.CallExpr, at string) {
	name := calledName(call.Fun)
	if i, takes := ruleAt[name]; takes && len(call.Args) == 3 {
		f.readRule(call.Args[i], at)
	}
	ids := f.idsOf(file, decl, call, at)
	for _, id := range ids {
		f.ids[id] = at
	}
	if with, ok := call.Fun.(*ast.SelectorExpr); ok && name == "With" && len(call.Args) == 1 {
		f.readValues(f.chainIDs(file, decl, with.X, at), call.Args[0])
	}
}

// idsOf are the ids that a call of fault.New or fault.Newf can give: a constant; the constants of a type after a prefix; or
// those that stand in the function around it.
func (f *faultTexts) idsOf(file source, decl ast.Decl, call *ast.CallExpr, at string) []string {
	name := calledName(call.Fun)
	ofFault := file.Name.Name == "fault" && (name == "New" || name == "Newf") || name == "fault.New" || name == "fault.Newf"
	if !ofFault || len(call.Args) < 3 {
		return nil
	}
	id, constant := f.valueOf(file, call.Args[1])
	switch sum, isSum := call.Args[1].(*ast.BinaryExpr); {
	case constant && id == "":
		if place, _, _ := strings.Cut(at, ":"); withoutID[place] == "" {
			f.odd = append(f.odd, at+": a fault without an id")
		}
		return nil
	case constant:
		return []string{id}
	case isSum:
		if prefix, ok := stringOf(sum.X); ok {
			return typedAfter(file.File, prefix)
		}
	}
	var ids []string
	ast.Inspect(decl, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok {
			if s, ok := stringOf(literal); ok && textID.MatchString(s) {
				ids = append(ids, s)
			}
		}
		return true
	})
	if len(ids) == 0 && file.Name.Name != "fault" {
		f.odd = append(f.odd, at+": the ids of this fault cannot be read")
	}
	return ids
}

// chainIDs are those of the call that a chain of With, WithFields and WithCause begins with.
func (f *faultTexts) chainIDs(file source, decl ast.Decl, x ast.Expr, at string) []string {
	for {
		call, ok := x.(*ast.CallExpr)
		if !ok {
			return nil
		}
		if ids := f.idsOf(file, decl, call, at); ids != nil {
			return ids
		}
		next, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		x = next.X
	}
}

func (f *faultTexts) readValues(ids []string, data ast.Expr) {
	values, ok := data.(*ast.CompositeLit)
	if !ok {
		return
	}
	if f.values == nil {
		f.values = map[string]map[string]bool{}
	}
	for _, id := range ids {
		if f.values[id] == nil {
			f.values[id] = map[string]bool{}
		}
		for _, value := range values.Elts {
			if pair, ok := value.(*ast.KeyValueExpr); ok {
				if key, ok := stringOf(pair.Key); ok {
					f.values[id][key] = true
				}
			}
		}
	}
}

// valueOf is a string that stands there itself or as a constant of the package.
func (f *faultTexts) valueOf(file source, x ast.Expr) (string, bool) {
	if name, ok := x.(*ast.Ident); ok {
		s, known := f.constants[path.Join(path.Dir(file.name), name.Name)]
		return s, known
	}
	return stringOf(x)
}

// constantsOf are the string constants of a file by name.
func constantsOf(file *ast.File) map[string]string {
	all := map[string]string{}
	eachConstant(file, func(one *ast.ValueSpec, value string) { all[one.Names[0].Name] = value })
	return all
}

// typedAfter are a file's string constants that have a type of their own, with a prefix.
func typedAfter(file *ast.File, prefix string) []string {
	var ids []string
	eachConstant(file, func(one *ast.ValueSpec, value string) {
		if one.Type != nil {
			ids = append(ids, prefix+value)
		}
	})
	return ids
}

func eachConstant(file *ast.File, do func(*ast.ValueSpec, string)) {
	for _, decl := range file.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			if one, ok := spec.(*ast.ValueSpec); ok && len(one.Values) == 1 {
				if value, ok := stringOf(one.Values[0]); ok {
					do(one, value)
				}
			}
		}
	}
}

// calledName is "f", "fault.f" for the package fault, or a method's name.
func calledName(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if pkg, ok := fun.X.(*ast.Ident); ok && pkg.Name == "fault" {
			return "fault." + fun.Sel.Name
		}
		return fun.Sel.Name
	}
	return ""
}

func stringOf(x ast.Expr) (string, bool) {
	literal, ok := x.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(literal.Value)
	return s, err == nil
}
