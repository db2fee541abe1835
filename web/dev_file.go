package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// devFile is what a running dev tells the other commands on the same data folder. It holds the secret, so only its owner may
// read it. A file whose process is gone is ignored.
type devFile struct {
	DatabaseURL string `json:"databaseUrl"`
	StorageRoot string `json:"storageRoot"`
	Secret      string `json:"secret"`
	PID         int    `json:"pid"`
	Born        string `json:"born"` // start time of the process, which tells it from a later one with the same id
}

func devFilePath(data string) string { return filepath.Join(data, "dev.json") }

// writeDevFile is whole or not there: it is written beside and moved in.
func writeDevFile(c config) error {
	text, err := json.Marshal(devFile{DatabaseURL: c.DatabaseURL, StorageRoot: c.StorageRoot, Secret: c.Secret, PID: os.Getpid(), Born: born(os.Getpid())})
	if err != nil {
		return err
	}
	fresh := devFilePath(c.Data) + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, devFilePath(c.Data))
}

// withDev takes database, storage and secret from a dev that runs on the same data folder, where the environment names no
// database.
func (c config) withDev() (config, error) {
	if c.DatabaseURL != "" {
		return c, nil
	}
	text, err := os.ReadFile(devFilePath(c.Data))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return config{}, err
	}
	var dev devFile
	if err := json.Unmarshal(text, &dev); err != nil {
		return config{}, fmt.Errorf("%s cannot be read: %w", devFilePath(c.Data), err)
	}
	if dev.Born == "" || born(dev.PID) != dev.Born {
		return c, nil
	}
	c.DatabaseURL, c.StorageRoot, c.Secret = dev.DatabaseURL, dev.StorageRoot, dev.Secret
	return c, nil
}

// born is when a process was started, in the kernel's ticks; "" when there is none of this id.
func born(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The name in brackets may hold anything; what follows its last bracket are fields 3 and on, the start time is field 22.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}
